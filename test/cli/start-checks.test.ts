// What stops a start before anything runs.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { expect, onTestFinished, test, vi } from 'vitest';
import { isRecent, run } from '../../src/cli/run.ts';
import { runHere } from '../helpers/run-here.ts';

const takePort = () =>
  new Promise<string>((resolve) => {
    const server = createServer();
    onTestFinished(() => void server.close());
    server.listen(0, '127.0.0.1', () => resolve(String((server.address() as AddressInfo).port)));
  });

test('npm start tells of every port that is taken at once', async () => {
  const ports = { PORT: await takePort(), MONITOR_PORT: await takePort(), SIMULATOR_PORT: await takePort() };
  const { code, output } = await runHere(['start'], { HOST: '127.0.0.1', ...ports }, tmpdir());
  expect(code).toBe(78);
  for (const [setting, port] of Object.entries(ports))
    expect(output).toContain(`port ${port} is taken by another program: stop that program, or set ${setting}`);
});

test('npm start tells of two settings that name one port', async () => {
  const { code, output } = await runHere(['start'], { PORT: '18080', MONITOR_PORT: '18080' }, tmpdir());
  expect([code, output]).toEqual([78, expect.stringContaining('PORT and MONITOR_PORT are both 18080')]);
});

test.each([
  ['start', { PORT: 'eighty' }],
  ['receiver', {}],
  ['queue list', {}],
  ['menu get', {}],
])('wxrelay %s names a mistyped setting beside what is missing', async (line, env) => {
  const { code, output } = await runHere(line.split(' '), { ...env, WECHAT_TOKN: 'x' }, tmpdir());
  expect([code, output]).toEqual([78, expect.stringContaining('WECHAT_TOKN is no setting of wxrelay')]);
});

const engines = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).engines.node;

test.each([
  ['18.20.8', false],
  ['20.18.3', false],
  ['20.19.0', true],
  ['22.0.0', true],
  ['26.1.0', true],
])('Node %s is taken: %s', (version, taken) => {
  expect(engines).toBe('>=20.19');
  expect(isRecent(version)).toBe(taken);
});

test('an old Node is told so in one sentence', () => {
  const printed = vi.spyOn(console, 'error').mockReturnValue(undefined);
  run(['start'], '18.20.8');
  expect(printed.mock.calls).toEqual([
    [expect.stringMatching(/^wxrelay needs Node 22 or newer .* this is Node 18\.20\.8\.$/)],
  ]);
  expect(process.exitCode).toBe(78);
  process.exitCode = undefined;
  printed.mockRestore();
});

test.each(['src/cli/main.js', 'src/cli/run.js', 'workers/index.js'])(
  'dist/%s is read by Node 14, and imports nothing that is not',
  async (file) => {
    const code = readFileSync(new URL(`../../dist/${file}`, import.meta.url), 'utf8');
    const { transform } = createRequire(createRequire(import.meta.url).resolve('tsx'))('esbuild');
    const as = async (target: string) => (await transform(code, { target, format: 'esm' })).code;
    expect(await as('node14')).toBe(await as('esnext'));
    const imported = [...code.matchAll(/^import .* from '(.*)'/gm)].map(([, from]) => from);
    expect(imported.every((from) => from?.endsWith('/run.js'))).toBe(true);
  },
);
