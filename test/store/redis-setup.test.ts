import { Redis } from 'ioredis';
import { describe, expect, inject, test } from 'vitest';
import { problemsOfRedis } from '../../src/store/redis-setup.ts';
import { createFaultProxy } from '../faults/proxy.ts';
import { createRedisServer } from '../helpers/redis-server.ts';

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

  test('a server that refuses to say is not complained of', async (t) => {
    const server = await createRedisServer();
    t.onTestFinished(() => server.close());
    const admin = new Redis(server.url);
    await admin.acl('SETUSER', 'managed', 'on', '>secret', '~*', '&*', '+@all', '-config', '-info');
    const redis = new Redis(server.url.replace('//', '//managed:secret@'));
    t.onTestFinished(() => {
      redis.disconnect();
      admin.disconnect();
    });
    expect(await problemsOfRedis(redis)).toEqual([]);
  });
});
