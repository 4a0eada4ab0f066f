import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Setting, settings } from '../../src/settings.ts';

const table: [string, Setting][] = Object.entries(settings);
const root = new URL('../../', import.meta.url);

test('.env.example explains every setting in both languages, with its default', async () => {
  const entries = table.map(([name, { en, zh, default: value, secret }]) => {
    const file = secret ? `\n# Or ${name}_FILE, a file that holds it. 也可以用 ${name}_FILE 指定存放它的文件。` : '';
    return `# ${en}\n# ${zh}${file}\n#${name}=${value}\n`;
  });
  const head = '# Copy this file to .env; the real environment wins over it.\n# 复制为 .env 使用；真实环境变量优先。\n';
  await expect([head, ...entries].join('\n')).toMatchFileSnapshot('../../.env.example');
});

test.each([
  ['README.md', 'en'],
  ['README.zh-CN.md', 'zh'],
] as const)('the table of settings in %s is that of the code', (file, language) => {
  const rows = table.map(
    ([name, setting]) => `| \`${name}\` | ${setting.default ? `\`${setting.default}\`` : ''} | ${setting[language]} |`,
  );
  const readme = readFileSync(new URL(file, root), 'utf8');
  expect(readme.split('<!-- settings -->')[1]?.trim().split('\n').slice(2).join('\n')).toBe(rows.join('\n'));
});

test('docs/redis.md says how TLS, a certificate of one’s own and a password with special characters are set', () => {
  const text = readFileSync(new URL('docs/redis.md', root), 'utf8');
  for (const word of ['rediss://', 'NODE_EXTRA_CA_CERTS', '%23', '%40', '%25', 'encodeURIComponent', 'WXRELAY_PREFIX'])
    expect(text).toContain(word);
});
