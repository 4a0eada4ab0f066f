// Which Node: what is said, what is built, what is tested, and what the dependencies ask for.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const lock = JSON.parse(read('package-lock.json')) as {
  packages: Record<string, { version: string; dev?: true; engines?: { node?: string } }>;
};

/** Names of run-time dependencies whose oldest Node is newer than 20. */
const newerThan20 = Object.entries(lock.packages)
  .filter(([path, { dev, engines }]) => path && !dev && /^>=\s*2[1-9]/.test(engines?.node ?? ''))
  .map(([path]) => path.replace(/^.*node_modules\//, ''));

describe('Node, as it is said in', () => {
  test.each([
    ['README.md', /Node 22 or newer/],
    ['README.zh-CN.md', /Node 22 (以上|或更新)/],
  ])('%s: 22 or newer, 20.19 still runs, and which dependencies warn there', (file, wanted) => {
    const text = read(file);
    expect(text).toMatch(wanted);
    expect(text).toContain('20.19');
    expect(newerThan20).toHaveLength(3);
    for (const name of newerThan20) expect(text).toContain(name);
  });

  test('.ci/run and both READMEs: the same four versions', () => {
    expect(read('.ci/run')).toContain('for node in 20 22 24 26;');
    expect(read('README.md')).toContain('tested on 20, 22, 24 and 26');
    expect(read('README.zh-CN.md')).toContain('在 20、22、24、26 上测试');
  });

  test('package.json: all that runs', () => {
    expect(JSON.parse(read('package.json'))).toMatchObject({ engines: { node: '>=20.19' } });
  });

  test('the Dockerfile: the long-term release of today', () => {
    expect([...read('Dockerfile').matchAll(/^FROM node:(\S+)/gm)].map(([, tag]) => tag)).toEqual([
      '24-alpine',
      '24-alpine',
    ]);
  });
});

test('sanitize-html is one that mends XSS through svg and math', () => {
  const [major = 0, minor = 0, patch = 0] = (lock.packages['node_modules/sanitize-html']?.version ?? '')
    .split('.')
    .map(Number);
  expect(major * 1e6 + minor * 1e3 + patch).toBeGreaterThanOrEqual(2_017_006);
});
