import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { settings } from '../../src/settings.ts';
import { type Child, startChild, untilLogged } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { createWorld } from '../helpers/world.ts';

interface Service {
  command: string[];
  environment: Record<string, string>;
  ports?: string[];
  healthcheck?: { test: string[] };
}

const root = new URL('../../', import.meta.url);
const services = parse(readFileSync(new URL('docker-compose.yml', root), 'utf8'), { merge: true }).services as Record<
  string,
  Service
>;

test('the services of docker-compose.yml, started without Docker, answer a follower', async (t) => {
  const world = await createWorld();
  t.onTestFinished(() => world.close());
  const { RUN_LOG: _, HOST: __, ...account } = world.env;
  const dir = mkdtempSync(join(tmpdir(), 'wxrelay-compose-'));
  t.onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const children: Child[] = [];
  for (const name of ['receiver', 'worker', 'monitor'] as const) {
    const { command, environment } = services[name] as Service;
    for (const variable of Object.keys(environment)) expect(settings).toHaveProperty(variable);
    // What differs without Docker: the address of Redis, the folder, and ports that may be taken on this machine.
    const here = { WXRELAY_DATA_DIR: dir, NODE_ENV: 'production', MONITOR_PASSWORD: 'compose-password' };
    const env = { ...environment, ...account, ...here };
    const child = startChild(command, env);
    t.onTestFinished(() => child.kill('SIGKILL'));
    children.push(child);
    await untilLogged(child, `${name}.ready`);
  }
  expect((await world.push({ text: 'hi' })).answer?.reply).toMatchObject({ content: "Hi, I'm here." });
  await world.push({ text: '你好' });
  await eventually(() =>
    expect(world.sent().map(({ text }) => text)).toEqual(['你好 · Hello · Hola · Bonjour · こんにちは · Привет']),
  );
  const monitor = await fetch(`http://127.0.0.1:${world.env['MONITOR_PORT']}/metrics`, {
    headers: { authorization: `Basic ${Buffer.from('any:compose-password').toString('base64')}` },
  });
  expect(monitor.status).toBe(200);
  for (const child of children) child.kill('SIGTERM');
  expect(await Promise.all(children.map(({ ended }) => ended))).toEqual([0, 0, 0]);
});

test('docker-compose.yml publishes the ports at which the processes listen by default', () => {
  expect(services['receiver']?.ports).toEqual([`${settings.PORT.default}:${settings.PORT.default}`]);
  expect(services['monitor']?.ports).toEqual([
    `127.0.0.1:${settings.MONITOR_PORT.default}:${settings.MONITOR_PORT.default}`,
  ]);
});

test('the Redis of docker-compose.yml keeps what it was given', () => {
  expect(services['redis']?.command.slice(1)).toEqual([
    '--appendonly',
    'yes',
    '--appendfsync',
    'always',
    '--maxmemory-policy',
    'noeviction',
  ]);
});
