import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startsProcesses } from '../helpers/starts-processes.ts';

const testFile = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

test.each([
  ['flow/delivery.test.ts', 'through the world', true],
  ['cli/help.test.ts', 'a child', true],
  ['docs/package.test.ts', 'a program', true],
  ['delivery/page.test.ts', 'a browser', true],
  ['gateway/token.test.ts', 'a Redis of its own', true],
  ['wechat/parse.test.ts', 'none', false],
  ['receiver/requests.test.ts', 'none, for its receiver runs inside the test', false],
])('%s starts %s: the fast suite knows', (name, _, starts) => {
  expect(startsProcesses(testFile(name))).toBe(starts);
});

test('a helper that starts processes is found behind another', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wxrelay-fast-'));
  t.onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'a.test.ts'), `import { createWorld } from '${testFile('helpers/world.ts')}';`);
  expect(startsProcesses(join(folder, 'a.test.ts'))).toBe(true);
});
