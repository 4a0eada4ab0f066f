import { Redis } from 'ioredis';
import { describe, expect, inject, test } from 'vitest';
import { startInMemory } from '../../src/cli/in-memory-redis.ts';
import { connectTool } from '../../src/store/connection.ts';
import { problemsOfRedis } from '../../src/store/redis-setup.ts';
import { createFaultProxy } from '../faults/proxy.ts';
import { freePort } from '../helpers/ports.ts';
import { createRedisServer } from '../helpers/redis-server.ts';

test('of our own Redis in memory nothing is said that nobody can change', async (t) => {
  const port = await freePort();
  const server = await startInMemory({ port, password: 'of-this-test' });
  const redis = new Redis(`redis://:of-this-test@127.0.0.1:${port}`);
  t.onTestFinished(async () => {
    redis.disconnect();
    await server.stop();
  });
  expect(await problemsOfRedis(redis)).toEqual([]);
});

describe.skipIf(!inject('realRedis'))('what is wrong with a Redis is said, each with what to do', () => {
  test('its policy, its append-only file, and its clock', async (t) => {
    const server = await createRedisServer();
    t.onTestFinished(() => server.close());
    const redis = new Redis(server.url);
    t.onTestFinished(() => redis.disconnect());
    expect(await problemsOfRedis(redis)).toEqual([]);
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru');
    await redis.config('SET', 'appendonly', 'no');
    const problems = await problemsOfRedis(redis, () => Date.now() - 3_600_000);
    expect(problems).toEqual([
      expect.stringContaining('set it to noeviction'),
      expect.stringContaining('set appendonly to yes'),
      expect.stringMatching(/its clock is 3(599|600)\d{3} ms away/),
    ]);
  });

  test('its version, and an append-only file that nobody syncs', async (t) => {
    const server = await createRedisServer(['--appendfsync', 'no']);
    t.onTestFinished(() => server.close());
    const proxy = await createFaultProxy(Number(new URL(server.url).port));
    t.onTestFinished(() => proxy.close());
    // What an older one would say; not a byte more or less.
    proxy.rewrite((answer) => answer.replace(/redis_version:\d/, 'redis_version:5'));
    const redis = new Redis(proxy.url);
    t.onTestFinished(() => redis.disconnect());
    expect(await problemsOfRedis(redis)).toEqual([
      expect.stringMatching(/its version is 5\.[\d.]+: use 6\.2 or newer/),
      expect.stringContaining('its appendfsync is no'),
    ]);
  });

  test.each([
    ['CONFIG', ['-config'], ['set it to noeviction', 'set appendonly to yes']],
    ['CONFIG and INFO', ['-config', '-info'], []],
  ])('where %s is refused, what is left to know is said', async (_, rules, known) => {
    const server = await createRedisServer(['--appendonly', 'no', '--maxmemory-policy', 'volatile-lru']);
    const admin = new Redis(server.url);
    await admin.acl('SETUSER', 'managed', 'on', '>secret', '~*', '&*', '+@all', ...rules);
    const redis = connectTool(server.url.replace('//', '//managed:secret@'), () => undefined);
    try {
      expect(await problemsOfRedis(redis)).toEqual(known.map((problem) => expect.stringContaining(problem)));
    } finally {
      redis.disconnect();
      admin.disconnect();
      await server.close();
    }
  });

  test('a replica', async (t) => {
    const server = await createRedisServer(['--replicaof', '127.0.0.1', '1']);
    t.onTestFinished(() => server.close());
    const redis = connectTool(server.url, () => undefined);
    t.onTestFinished(() => redis.disconnect());
    expect(await problemsOfRedis(redis)).toEqual([expect.stringContaining('point REDIS_URL to the master')]);
  });
});
