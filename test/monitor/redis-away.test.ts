import { describe, expect, inject, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { ConfigError } from '../../src/errors.ts';
import { silentLog } from '../../src/log.ts';
import { startMonitor } from '../../src/monitor/monitor.ts';
import { eventually } from '../helpers/eventually.ts';
import { freePort } from '../helpers/ports.ts';
import { createRedisServer } from '../helpers/redis-server.ts';
import { PASSWORD, signIn, watch } from './harness.ts';

const PAGES = ['/', '/queues', '/queues/api/queues', '/metrics'];

describe.skipIf(!inject('realRedis'))('while Redis is away', () => {
  test.each(['SIGKILL', 'SIGSTOP'] as const)(
    '(%s) the pages say so, /healthz is fine, and all comes back by itself',
    async (signal) => {
      const server = await createRedisServer();
      const watched = await watch({ REDIS_URL: server.url });
      const statuses = () => Promise.all(PAGES.map(async (page) => (await watched.ask(page)).status));
      try {
        expect(await statuses()).toEqual([200, 200, 200, 200]);
        await server.kill(signal);
        expect(await statuses()).toEqual([503, 503, 503, 503]);
        expect(await (await watched.ask('/metrics')).text()).toContain('Redis does not answer');
        expect((await fetch(`${watched.url}/metrics`)).status).toBe(401);
        expect((await fetch(`${watched.url}/healthz`)).status).toBe(200);
        await (signal === 'SIGSTOP' ? server.kill('SIGCONT') : server.start());
        await eventually(async () => expect(await statuses()).toEqual([200, 200, 200, 200]));
      } finally {
        await watched.close();
        await server.close();
      }
    },
  );

  test('the monitor starts without it, stops without it, and opens when it comes', async () => {
    const server = await createRedisServer();
    await server.kill('SIGKILL');
    const env = { REDIS_URL: server.url, MONITOR_PORT: '0', MONITOR_PASSWORD: PASSWORD };
    const options = { config: readConfig(env, ['redis']), queues: ['handle'], log: silentLog() };
    const [one, two] = [await startMonitor(options), await startMonitor(options)];
    await two.stop();
    const status = async (path: string) =>
      (await fetch(`http://127.0.0.1:${one.port}${path}`, { headers: signIn(PASSWORD) })).status;
    expect(await status('/queues')).toBe(503);
    expect(await status('/healthz')).toBe(200);
    await server.start();
    await eventually(async () => expect(await status('/queues/api/queues')).toBe(200));
    await server.kill('SIGKILL');
    await one.stop();
    await server.close();
  });
});

test('a taken port and another number of partitions stop the start, each with what to do', async (t) => {
  const watched = await watch();
  t.onTestFinished(() => watched.close());
  const start = (change: object) =>
    startMonitor({ config: { ...watched.config, ...change }, queues: ['handle'], log: silentLog() });
  const taken = { ...watched.config.monitor, port: watched.monitor.port };
  await expect(start({ monitor: taken })).rejects.toThrow('set MONITOR_PORT to another port');
  await expect(start({ partitions: 4 })).rejects.toThrow(ConfigError);
  await expect(
    start({ monitor: { ...taken, port: await freePort() } }).then((monitor) => monitor.stop()),
  ).resolves.toBeUndefined();
});
