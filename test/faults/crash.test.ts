import { setTimeout as sleep } from 'node:timers/promises';
import { describe, inject, type TestContext, test } from 'vitest';
import { untilLogged } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { createRedisServer } from '../helpers/redis-server.ts';
import { createWorld, type World } from '../helpers/world.ts';

const needsRedis = describe.skipIf(!inject('realRedis'));
const openidOf = (n: number) => `oCrash${String(n).padStart(22, '0')}`;
const textsTo = (world: World, openid: string) =>
  world
    .sent()
    .filter((sent) => sent.openid === openid)
    .map(({ text }) => text);

/** What is known of the only lane of pushes. */
async function stateOf(world: World): Promise<Record<string, string>> {
  const [key = ''] = await world.redis.keys(`{${world.env['WXRELAY_PREFIX']}:0}:state:handle:*`);
  return world.redis.hgetall(key);
}

/** Closes at the end of its test, the last opened first. */
const until =
  (t: TestContext) =>
  <T extends { close(): Promise<void> }>(thing: T): T => {
    t.onTestFinished(() => thing.close());
    return thing;
  };

needsRedis.concurrent('when a process dies or Redis does', { timeout: 120_000 }, () => {
  test('a worker killed with jobs running loses nothing: another delivers all, in order', async (t) => {
    const opened = until(t);
    const world = opened(await createWorld());
    const [, first] = await Promise.all([world.start('receiver'), world.start('worker')]);
    const users = Array.from({ length: 10 }, (_, n) => openidOf(n));
    for (const openid of users) for (const n of [0, 1, 2]) await world.push({ openid, text: `slow 1000 k${n}` });
    await eventually(() => t.expect(world.runs('start').length).toBeGreaterThanOrEqual(10));
    first.kill('SIGKILL');
    await world.start('worker');
    // What was being sent just then may be sent again.
    const answers = (openid: string) => [...new Set(textsTo(world, openid).map((text) => text.slice(0, 7)))];
    for (const openid of users)
      await eventually(() => t.expect(answers(openid)).toEqual(['done k0', 'done k1', 'done k2']), 60_000);
  });

  test('a run that outlives its lock in an outage of Redis is one run with one finish', async (t) => {
    const opened = until(t);
    const server = opened(await createRedisServer());
    const world = opened(await createWorld({ redisUrl: server.url }));
    await Promise.all([world.start('receiver'), world.start('worker')]);
    await world.push({ openid: openidOf(100), text: 'stubborn 32000 long' });
    await eventually(() => t.expect(world.runs('start')).toHaveLength(1));
    await server.kill('SIGKILL');
    await sleep(20_000); // longer than the lock of 15 s
    await server.start();
    await eventually(() => t.expect(world.sent()).toHaveLength(1), 60_000);
    await eventually(async () => {
      t.expect(await world.redis.zcard(`{${world.env['WXRELAY_PREFIX']}:0}:oldest`)).toBe(0);
    });
    t.expect(world.runs('start')).toHaveLength(1);
    t.expect(world.runs('end')).toHaveLength(1);
    t.expect(textsTo(world, openidOf(100))).toEqual(['done long']);
  });

  test('a push that comes while Redis restarts is kept as soon as it is back, and not answered before', async (t) => {
    const opened = until(t);
    const server = opened(await createRedisServer());
    const world = opened(await createWorld({ redisUrl: server.url }));
    await Promise.all([world.start('receiver'), world.start('worker')]);
    await server.kill('SIGKILL');
    const pushed = world.push({ openid: openidOf(200), text: 'slow 5 back' });
    await sleep(1000);
    await server.start();
    t.expect((await pushed).answer?.kind).toBe('success');
    await eventually(() => t.expect(textsTo(world, openidOf(200))).toEqual(['done back']));
  });

  test('without a spool a push with work is refused while Redis is away, and never acked', async (t) => {
    const opened = until(t);
    const server = opened(await createRedisServer());
    const world = opened(await createWorld({ redisUrl: server.url, simulator: { attempts: 1 } }));
    await world.start('receiver', { WXRELAY_SPOOL: 'off' });
    await server.kill('SIGKILL');
    const { attempts, answer } = await world.push({ openid: openidOf(300), text: 'slow 5 away' });
    t.expect(answer?.kind).toBe('fault');
    t.expect(attempts.map(({ status }) => status)).toEqual([500]);
  });

  test('SIGTERM lets runs finish, hands the rest to others, and repeats nothing', async (t) => {
    const opened = until(t);
    const world = opened(await createWorld());
    const [, first] = await Promise.all([world.start('receiver'), world.start('worker')]);
    const users = Array.from({ length: 20 }, (_, n) => openidOf(400 + n));
    for (const openid of users) for (const n of [0, 1]) await world.push({ openid, text: `slow 700 d${n}` });
    await eventually(() => t.expect(world.runs('start').length).toBeGreaterThan(0));
    first.kill('SIGTERM');
    await world.start('worker');
    t.expect(await first.ended).toBe(0);
    await eventually(() => t.expect(world.sent()).toHaveLength(40));
    for (const openid of users) t.expect(textsTo(world, openid)).toEqual(['done d0', 'done d1']);
    t.expect(world.runs('start')).toHaveLength(40);
  });

  test('SIGTERM ends a worker although Redis is away', async (t) => {
    const opened = until(t);
    const server = opened(await createRedisServer());
    const world = opened(await createWorld({ redisUrl: server.url }));
    const worker = await world.start('worker');
    await server.kill('SIGKILL');
    worker.kill('SIGTERM');
    t.expect(await worker.ended).toBe(0);
  });

  test('a worker ended by force leaves what ran to another', async (t) => {
    const opened = until(t);
    const world = opened(await createWorld());
    const [, first] = await Promise.all([world.start('receiver'), world.start('worker')]);
    await world.push({ openid: openidOf(500), text: 'stubborn 60000 forced' });
    await eventually(() => t.expect(world.runs('start')).toHaveLength(1));
    first.kill('SIGTERM');
    await eventually(() => t.expect(first.events('worker.stopping')).toHaveLength(1));
    first.kill('SIGTERM');
    t.expect(await first.ended).toBe(1);
    await world.start('worker');
    await eventually(() => t.expect(world.runs('start')).toHaveLength(2), 60_000);
    t.expect(world.runs('end')).toEqual([]);
  });

  test('a run that ignores its signal for longer than the drain goes back, counts nothing, and starts elsewhere', async (t) => {
    const opened = until(t);
    const world = opened(await createWorld());
    const [, first] = await Promise.all([world.start('receiver'), world.start('worker')]);
    await world.push({ openid: openidOf(600), text: 'stubborn 60000 deaf' });
    await eventually(() => t.expect(world.runs('start')).toHaveLength(1));
    first.kill('SIGTERM');
    await world.start('worker');
    t.expect(await first.ended).toBe(0);
    t.expect(first.events('worker.stopped')).toMatchObject([{ inTime: true }]);
    await eventually(() => t.expect(world.runs('start')).toHaveLength(2));
    t.expect(await stateOf(world)).not.toHaveProperty('tries');
    t.expect(await stateOf(world)).not.toHaveProperty('deaths');
  });

  test('a push whose handler this worker does not know goes back and counts nothing; the log says so', async (t) => {
    const opened = until(t);
    const world = opened(await createWorld());
    const [, worker] = await Promise.all([world.start('receiver', { NEWER: '1' }), world.start('worker')]);
    await world.push({ openid: openidOf(700), text: 'newer x' });
    await untilLogged(worker, 'handler.unknown');
    await eventually(async () => t.expect(await stateOf(world)).toHaveProperty('wait'));
    const state = await stateOf(world);
    t.expect(Object.keys(state).sort()).toEqual(['strange', 'wait']);
    const lanes = await world.redis.keys(`{${world.env['WXRELAY_PREFIX']}:0}:lane:handle:*`);
    t.expect(lanes).toHaveLength(1);
  });
});
