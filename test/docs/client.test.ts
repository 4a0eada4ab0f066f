import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createWeChat } from '../../src/index.ts';
import { methodsOf } from '../api/endpoints/table.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = readFileSync(join(root, 'docs/client.md'), 'utf8');
const examples = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);

test('the page of the client has an example of every method', () => {
  const code = examples.join('\n');
  const methods = methodsOf(createWeChat({ appId: 'wx', appSecret: 'x' }));
  expect(methods.filter((method) => !code.includes(`wechat.${method}(`))).toEqual([]);
});

test('its examples, one after the other, are a program that compiles', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wxrelay-client-page-'));
  const base = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as { compilerOptions: object };
  const compilerOptions = {
    ...base.compilerOptions,
    noEmit: true,
    // An example may name what it does not go on to use.
    noUnusedLocals: false,
    allowImportingTsExtensions: true,
    rewriteRelativeImportExtensions: false,
    typeRoots: [join(root, 'node_modules/@types')],
    paths: { wxrelay: [join(root, 'src/index.ts')] },
    rootDir: '/',
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['page.ts'] }));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'page.ts'), examples.join('\n'));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});
