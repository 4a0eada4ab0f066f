import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startChild } from '../helpers/child.ts';

test.concurrent.each([
  ['a wrong syntax', 'export const handlers = [\n  reply reply\n];', /mine\.mjs:2/],
  ['a wrong syntax in what it imports', "import './other.mjs';\nexport const handlers = [];", /other\.mjs:3/],
  [
    'a name that is not exported',
    "import { nobody } from 'node:fs';\nexport const handlers = [nobody];",
    /mine\.mjs:1/,
  ],
  ['an error that it throws', "export const handlers = [];\n\nthrow new Error('no');", /mine\.mjs:3:7/],
])('handlers with %s stop the start with its place, and nothing of the inside of Node', async (_, code, place) => {
  const dir = mkdtempSync(join(tmpdir(), 'wxrelay-load-'));
  writeFileSync(join(dir, 'mine.mjs'), code);
  writeFileSync(join(dir, 'other.mjs'), '\n\nconst a b;');
  const env = { REDIS_URL: 'redis://127.0.0.1:1', WECHAT_TOKEN: 'abc', WECHAT_APP_ID: 'wx0123' };
  const child = startChild(['receiver', '--handlers', 'mine.mjs'], env, dir);
  expect(await child.ended).toBe(78);
  rmSync(dir, { recursive: true });
  const output = child.lines.join('\n');
  expect(output).toMatch(/mine\.mjs cannot be loaded: .*\n {4}(at )?file:/);
  expect(output).toMatch(place);
  expect(output).not.toMatch(/node:internal|dist\/src|'\[eval/);
});
