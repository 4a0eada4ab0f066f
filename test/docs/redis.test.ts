import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { aclRules, NEEDED, OPTIONAL } from '../../src/store/redis-needs.ts';
import { explanations } from '../../src/store/refusal.ts';

const file = new URL('../../docs/redis.md', import.meta.url);

/** As long as a line of the docs may be. */
function fill(words: readonly string[]): string {
  const lines = [''];
  for (const word of words) {
    if (`${lines.at(-1)} ${word}`.length > 118) lines.push('');
    lines.push(`${lines.pop()} ${word}`.trimStart());
  }
  return lines.join('\n');
}

test.each([
  [
    'acl',
    `\`\`\`\n${fill(['ACL SETUSER wxrelay on >PASSWORD', ...aclRules('wxrelay', [...NEEDED, ...Object.keys(OPTIONAL)])])}\n\`\`\``,
  ],
  [
    'optional',
    Object.entries(OPTIONAL)
      .map(([name, without]) => `- \`${name.replace('|', ' ')}\`: ${without}`)
      .join('\n'),
  ],
  [
    'kinds',
    [
      '| kind | what it means | what to do |',
      '|---|---|---|',
      ...explanations().map(({ kind, why, advice }) => `| \`${kind}\` | ${why} | ${advice} |`),
    ].join('\n'),
  ],
])('docs/redis.md has the %s of the code', (part, text) => {
  const docs = readFileSync(file, 'utf8').split(`<!-- ${part} -->`);
  expect(docs[1]?.trim()).toBe(text);
});
