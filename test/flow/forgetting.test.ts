// Whoever is forgotten is found nowhere any more: not in Redis, not in its append-only file, not in a spool.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { describe, inject, type TestContext, test } from 'vitest';
import { signedRequest } from '../../src/simulator/request.ts';
import { ACCOUNT } from '../faults/load.ts';
import { startChild } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { createRedisServer } from '../helpers/redis-server.ts';
import { createWorld, type World } from '../helpers/world.ts';

const needsRedis = describe.skipIf(!inject('realRedis'));
const openidOf = (n: number) => `oForget${String(n).padStart(21, '0')}`;
const event = (openid: string, name: string, more = '') =>
  `<xml><ToUserName>gh_</ToUserName><FromUserName>${openid}</FromUserName><CreateTime>${Math.floor(Date.now() / 1000)}</CreateTime><MsgType>event</MsgType><Event>${name}</Event>${more}</xml>`;

async function createSite(t: TestContext, env: Record<string, string> = {}) {
  const data = mkdtempSync(join(tmpdir(), 'wxrelay-data-'));
  t.onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const server = await createRedisServer();
  t.onTestFinished(() => server.close());
  const simulator = { attempts: 1, counted: false };
  const world = await createWorld({ redisUrl: server.url, simulator, env: { WXRELAY_DATA_DIR: data, ...env } });
  t.onTestFinished(() => world.close());
  return { server, world, data };
}

/** Every key of Redis whose name or value holds the words. */
async function keysWith(redis: Redis, words: string): Promise<string[]> {
  const found: string[] = [];
  for (const key of await redis.keys('*')) {
    const type = await redis.type(key);
    const value =
      type === 'string'
        ? await redis.get(key)
        : type === 'list'
          ? await redis.lrange(key, 0, -1)
          : type === 'hash'
            ? await redis.hgetall(key)
            : type === 'zset'
              ? await redis.zrange(key, '0', '-1')
              : type === 'set'
                ? await redis.smembers(key)
                : await redis.xrange(key, '-', '+');
    if (`${key} ${JSON.stringify(value)}`.includes(words)) found.push(key);
  }
  return found;
}

const filesWith = (dir: string, words: string): string[] =>
  readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dir, name))
    .filter((file) => statSync(file).isFile() && readFileSync(file).includes(words));

const forget = async (world: World, openid: string) => {
  const child = startChild(['forget', openid, '--json'], world.env);
  return { code: await child.ended, printed: child.lines.join('\n') };
};

const say = async (world: World, openid: string, text: string) => (await world.push({ openid, text })).answer?.kind;

needsRedis.concurrent('forgetting', { timeout: 120_000 }, () => {
  test('wxrelay forget erases what waits, what was given up on, replies, traces and malformed pushes of one user', async (t) => {
    const { server, world } = await createSite(t);
    const [, worker] = await Promise.all([world.start('receiver'), world.start('worker')]);
    const [gone, stays] = [openidOf(1), openidOf(2)];
    for (const openid of [gone, stays]) {
      await say(world, openid, 'broken a');
      await say(world, openid, 'hi');
      await say(world, openid, 'limited b');
      await world.push({ xml: `<xml><FromUserName>${openid}</FromUserName><Content>no end` });
    }
    await eventually(() => t.expect(world.sent()).toHaveLength(4));
    worker.kill('SIGTERM');
    await worker.ended;
    for (const openid of [gone, stays]) await say(world, openid, 'slow 5 waiting');
    const kinds = async (openid: string) =>
      [...new Set((await keysWith(world.redis, openid)).map((key) => key.split(':')[2] as string))].sort();
    t.expect(await kinds(gone)).toEqual(['buried', 'claim', 'lane', 'malformed']);

    t.expect(await forget(world, gone)).toMatchObject({
      code: 0,
      printed: t.expect.stringMatching(/^\{"keys":\d+\}$/),
    });
    t.expect(await keysWith(world.redis, gone)).toEqual([]);
    await eventually(() => t.expect(filesWith(server.dir, gone)).toEqual([]));
    t.expect(await kinds(stays)).toEqual(['buried', 'claim', 'lane', 'malformed']);
    t.expect(await world.redis.keys('*:limit:*')).toHaveLength(1);

    await world.start('worker');
    await eventually(() => t.expect(world.sent().filter(({ text }) => text === 'done waiting')).toHaveLength(1));
    await eventually(async () => t.expect(await world.redis.zcard(`{${world.env['WXRELAY_PREFIX']}:0}:check`)).toBe(0));
  });

  test('what a spool holds of a user is not replayed after he was forgotten, and what he writes later is', async (t) => {
    const { server, world, data } = await createSite(t);
    const openid = openidOf(3);
    const first = await world.start('receiver');
    await server.kill('SIGKILL');
    t.expect(await say(world, openid, 'slow 5 before')).toBe('success');
    // Past the simulator, which would let nothing be sent to him any more.
    const request = { xml: event(openid, 'unsubscribe'), openid, to: '' };
    const { url, body } = signedRequest(world.receiverUrl, ACCOUNT, request);
    t.expect((await fetch(url, { method: 'POST', body })).status).toBe(200);
    first.kill('SIGKILL');
    await first.ended;
    t.expect(filesWith(data, openid)).toHaveLength(1);
    await server.start();
    t.expect((await forget(world, openid)).code).toBe(0);
    await world.start('receiver');
    await eventually(() => t.expect(filesWith(data, openid)).toEqual([]));
    t.expect(await keysWith(world.redis, openid)).toEqual([]);
    t.expect(await say(world, openid, 'slow 5 after')).toBe('success');
    await world.start('worker');
    await eventually(() => t.expect(world.sent().map(({ text }) => text)).toEqual(['done after']));
  });

  test('who unfollows is erased after WXRELAY_FORGET_DAYS, unless he follows again', async (t) => {
    const { server, world } = await createSite(t, { WXRELAY_FORGET_DAYS: '0' });
    await Promise.all([world.start('receiver'), world.start('worker')]);
    const [gone, back] = [openidOf(4), openidOf(5)];
    for (const openid of [gone, back]) {
      await say(world, openid, 'slow 5 x');
      await say(world, openid, 'hi');
      await world.push({ xml: event(openid, 'unsubscribe') });
    }
    await world.push({ xml: event(back, 'subscribe') });
    await eventually(async () => t.expect(await keysWith(world.redis, gone)).toEqual([]), 60_000);
    await eventually(() => t.expect(filesWith(server.dir, gone)).toEqual([]));
    t.expect(await keysWith(world.redis, back)).not.toEqual([]);
  });

  test('with days to go, nothing is erased yet, and several events count from the first', async (t) => {
    const { world } = await createSite(t);
    await world.start('receiver');
    const openid = openidOf(6);
    await world.push({ xml: event(openid, 'unsubscribe') });
    const due = async () =>
      Number((await world.redis.zrange(`{${world.env['WXRELAY_PREFIX']}:0}:forget`, '0', '-1', 'WITHSCORES'))[1]);
    const first = await due();
    t.expect(Math.round((first - Date.now()) / 86_400_000)).toBe(30);
    await world.push({ xml: event(openid, 'unsubscribe') });
    t.expect(await due()).toBe(first);
  });

  test.for(['user_authorization_revoke', 'user_authorization_cancellation'])(
    '%s erases the user it names, once what was acked before is done',
    async (name, t) => {
      const { world } = await createSite(t);
      await Promise.all([world.start('receiver'), world.start('worker')]);
      const openid = openidOf(name.length);
      await say(world, openid, 'slow 5 x');
      await world.push({ xml: event('platform', name, `<OpenID>${openid}</OpenID>`) });
      await eventually(() => t.expect(world.sent().map(({ text }) => text)).toEqual(['done x']));
      await eventually(async () => t.expect(await keysWith(world.redis, openid)).toEqual([]), 60_000);
    },
  );

  test('an event that comes while Redis is away is not lost', async (t) => {
    const { server, world } = await createSite(t);
    const receiver = await world.start('receiver');
    await server.kill('SIGKILL');
    const openid = openidOf(7);
    t.expect((await world.push({ xml: event(openid, 'unsubscribe') })).answer?.kind).toBe('success');
    await server.start();
    await eventually(async () =>
      t.expect(await world.redis.zcard(`{${world.env['WXRELAY_PREFIX']}:0}:forget`)).toBe(1),
    );
    t.expect(receiver.events('push.not_kept')).toEqual([]);
  });
});
