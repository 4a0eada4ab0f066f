import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Setting, settings } from '../../src/settings.ts';
import { type Child, startChild, untilLogged } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { createWorld } from '../helpers/world.ts';

interface Service {
  command: string[];
  environment: Record<string, string | null>;
  ports?: string[];
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  mem_limit?: string;
  env_file?: unknown;
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
  const dir = mkdtempSync(join(tmpdir(), 'wxrelay-compose-'));
  t.onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const children: Child[] = [];
  for (const name of ['receiver', 'worker', 'monitor'] as const) {
    const { command, environment } = services[name] as Service;
    // No more than the service is given; all that differs without Docker are addresses, the folder, and ports.
    const given = Object.keys(environment).flatMap((variable) => {
      const value = world.env[variable] ?? environment[variable];
      return typeof value === 'string' ? [[variable, value]] : [];
    });
    const { PORT = '', MONITOR_PORT = '' } = world.env;
    const here = { PORT, MONITOR_PORT, HOST: '127.0.0.1', WXRELAY_DATA_DIR: dir, NODE_ENV: 'production' };
    const child = startChild(command, {
      ...Object.fromEntries(given),
      ...here,
      ...(name === 'monitor' ? { MONITOR_PASSWORD: 'compose-password', MONITOR_HOST: '127.0.0.1' } : {}),
    });
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
    '--maxmemory',
    '1gb',
  ]);
});

const processes = ['receiver', 'worker', 'monitor'] as const;
const SECRETS = Object.entries(settings as Record<string, Setting>).flatMap(([name, { secret }]) =>
  secret ? [name] : [],
);

test.each([
  ['receiver', ['REDIS_URL', 'WECHAT_TOKEN', 'WECHAT_ENCODING_AES_KEY']],
  ['worker', ['REDIS_URL', 'WECHAT_APP_SECRET', 'WECHAT_GATEWAY_KEY']],
  ['monitor', ['REDIS_URL', 'MONITOR_PASSWORD']],
  ['redis', []],
])('of the secrets %s is given %j alone', (name, needed) => {
  const { environment = {}, env_file } = services[name] as Service;
  expect(env_file).toBeUndefined();
  expect(SECRETS.filter((secret) => secret in environment)).toEqual(needed);
});

test.each(processes)('%s is given every setting that is no secret', (name) => {
  // The file's own ports and folders, and what other processes read.
  const fixed = /^(HOST|PORT|METRICS_PORT|WXRELAY_DATA_DIR|(MONITOR|SIMULATOR|GATEWAY)_.*)$/;
  const wanted = Object.keys(settings).filter((setting) => !SECRETS.includes(setting) && !fixed.test(setting));
  const { environment } = services[name] as Service;
  expect(wanted.filter((setting) => !(setting in environment))).toEqual([]);
  // Those of Node and of proxies are none of ours.
  const strange = Object.keys(environment).filter((setting) => !(setting in settings));
  expect(strange).toEqual(['NODE_EXTRA_CA_CERTS', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']);
});

test.each([...processes, 'redis'])('%s is confined: nothing to write to, no rights, bounded memory', (name) => {
  const { read_only, cap_drop, security_opt, mem_limit } = services[name] as Service;
  expect({ read_only, cap_drop, security_opt }).toEqual({
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
  });
  expect(mem_limit).toMatch(/^\d+[mg]$/);
});
