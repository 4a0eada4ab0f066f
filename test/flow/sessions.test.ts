// What a user's handlers remember of him: kept with the answer, or not at all.
import { describe, inject, type TestContext, test } from 'vitest';
import { startChild } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { createRedisServer } from '../helpers/redis-server.ts';
import { createWorld, shareWorld, userIn, type World } from '../helpers/world.ts';

const HANDLERS = new URL('../fixtures/remembering.mjs', import.meta.url).pathname;
const openidOf = (n: number) => `oSession${String(n).padStart(20, '0')}`;

const create = (options: Parameters<typeof createWorld>[0] = {}) =>
  createWorld({ handlers: HANDLERS, simulator: { counted: false }, ...options });

async function open(t: TestContext, options: Parameters<typeof createWorld>[0] = {}) {
  const world = await create(options);
  t.onTestFinished(() => world.close());
  const [, worker] = await Promise.all([world.start('receiver'), world.start('worker')]);
  return { world, worker };
}

const say = (world: World, openid: string, text: string) => world.push({ openid, text });
const sentTo = (world: World, openid: string) =>
  world
    .sent()
    .filter((sent) => sent.openid === openid)
    .map(({ text }) => text);
const started = (t: TestContext, world: World, label: string) =>
  eventually(() => t.expect(world.runs('start').map((line) => line.split(' ')[1])).toContain(label));
const until = (t: TestContext, world: World, openid: string, texts: string[], ms?: number) =>
  eventually(() => t.expect(sentTo(world, openid)).toEqual(texts), ms);
/** The keys of what is remembered of a user, in each queue. */
const sessionsOf = async (world: World, openid: string) =>
  world.redis.keys(`{${world.env['WXRELAY_PREFIX']}:0}:session:${await userIn(world, openid)}:*`);

describe('a session', { concurrent: true, timeout: 120_000 }, () => {
  const world = shareWorld(() => create());

  test('is found by the next push, also one that waited behind the first, and by no other user', async (t) => {
    const [one, other] = [openidOf(1), openidOf(2)];
    for (const label of ['a', 'b', 'c']) await say(world(), one, `add 150 ${label}`);
    await say(world(), other, 'add 5 x');
    await until(t, world(), one, ['a', 'a+b', 'a+b+c']);
    await until(t, world(), other, ['x']);
    await say(world(), one, 'add 5 d');
    await until(t, world(), one, ['a', 'a+b', 'a+b+c', 'a+b+c+d']);
    for (const label of ['y', 'z']) await say(world(), other, `add 1 ${label}`);
    await until(t, world(), other, ['x', 'x+y', 'x+y+z']);
  });

  test('belongs to a queue: handlers of another have their own', async (t) => {
    const openid = openidOf(3);
    await say(world(), openid, 'add 5 a');
    await until(t, world(), openid, ['a']);
    await say(world(), openid, 'own 5 b');
    await until(t, world(), openid, ['a', 'b']);
    t.expect(await sessionsOf(world(), openid)).toHaveLength(2);
  });

  test('is kept for a day, and gone with its last field', async (t) => {
    const openid = openidOf(4);
    await say(world(), openid, 'add 5 a');
    await until(t, world(), openid, ['a']);
    const [key = ''] = await sessionsOf(world(), openid);
    t.expect(await world().redis.get(key)).toBe('{"seen":["a"]}');
    t.expect(await world().redis.pttl(key)).toBeGreaterThan(23 * 3_600_000);
    await say(world(), openid, 'keep nothing');
    await until(t, world(), openid, ['a', 'kept nothing']);
    t.expect(await sessionsOf(world(), openid)).toEqual([]);
  });

  test('is not kept by a run that fails, is timed out, or is replaced', async (t) => {
    const openid = openidOf(5);
    await say(world(), openid, 'add 5 a');
    await say(world(), openid, 'fail-once 5 b');
    await until(t, world(), openid, ['a', 'a+b']);
    await say(world(), openid, 'timed 60000 c');
    await until(t, world(), openid, ['a', 'a+b', 'sorry']);
    await say(world(), openid, 'latest 60000 d');
    await started(t, world(), 'd');
    await say(world(), openid, 'latest 5 e');
    await until(t, world(), openid, ['a', 'a+b', 'sorry', 'a+b+e']);
  });

  test('carries a conversation from push to push; one whose end fails ends with the next run, and is not asked again', async (t) => {
    const openid = openidOf(10);
    for (const text of ['hello', 'book', 'Monday', 'many', '4', '4']) await say(world(), openid, text);
    await until(t, world(), openid, [
      'otherwise text',
      'Which day?',
      'How many on Monday?',
      'How many on Monday?',
      'Booked: 4 on Monday.',
      'otherwise text',
    ]);
    t.expect(
      world()
        .runs('start')
        .filter((line) => line.startsWith('start Monday-4 ')),
    ).toHaveLength(2);
    t.expect(await sessionsOf(world(), openid)).toEqual([]);
  });
});

describe.concurrent('a session that cannot be kept', { timeout: 120_000 }, () => {
  test('of more than 32 KiB, or with what JSON cannot keep, is a failed run that says so', async (t) => {
    const { world, worker } = await open(t);
    const openid = openidOf(6);
    await say(world, openid, 'add 5 a');
    await say(world, openid, 'keep big');
    await say(world, openid, 'keep date');
    await say(world, openid, 'add 5 b');
    await until(t, world, openid, ['a', 'sorry', 'sorry', 'a+b']);
    const reasons = worker.events('push.given_up').map(({ reason }) => reason);
    t.expect(reasons[0]).toContain('at most 32768 are kept');
    t.expect(reasons[1]).toContain('a Date in');
  });

  test('of a worker that is killed is neither lost nor kept twice', async (t) => {
    const { world, worker } = await open(t);
    const openid = openidOf(7);
    await say(world, openid, 'add 5 a');
    await until(t, world, openid, ['a']);
    await say(world, openid, 'add 4000 b');
    await say(world, openid, 'add 5 c');
    await started(t, world, 'b');
    worker.kill('SIGKILL');
    await world.start('worker');
    await until(t, world, openid, ['a', 'a+b', 'a+b+c'], 60_000);
  });
});

describe.skipIf(!inject('realRedis'))('forgetting', { timeout: 120_000 }, () => {
  test('erases the session with its user, and leaves that of others', async (t) => {
    const server = await createRedisServer();
    t.onTestFinished(() => server.close());
    const { world } = await open(t, { redisUrl: server.url });
    for (const n of [8, 9]) await say(world, openidOf(n), `add 5 secret${n}`);
    await eventually(() => t.expect(world.sent()).toHaveLength(2));
    t.expect(await startChild(['forget', openidOf(8)], world.env).ended).toBe(0);
    t.expect(await sessionsOf(world, openidOf(8))).toEqual([]);
    const [key = ''] = await sessionsOf(world, openidOf(9));
    t.expect(await world.redis.get(key)).toBe('{"seen":["secret9"]}');
  });
});
