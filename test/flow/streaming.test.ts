// An answer that comes in parts: each is sent as it comes, in order, once.
import { describe, type TestContext, test } from 'vitest';
import { startChild } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { createWorld, type World } from '../helpers/world.ts';

const HANDLERS = new URL('../fixtures/talking.mjs', import.meta.url).pathname;
const openidOf = (n: number) => `oStream${String(n).padStart(21, '0')}`;

async function open(t: TestContext, options: Parameters<typeof createWorld>[0] = {}) {
  const world = await createWorld({ handlers: HANDLERS, simulator: { counted: false }, ...options });
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
const labels = (world: World, what: string) => world.runs(what).map((line) => line.split(' ')[1]);
const until = (t: TestContext, world: World, openid: string, texts: string[], ms?: number) =>
  eventually(() => t.expect(sentTo(world, openid)).toEqual(texts), ms);
const recorded = (t: TestContext, world: World) =>
  eventually(async () =>
    t.expect(await world.redis.keys(`{${world.env['WXRELAY_PREFIX']}:0}:lane:deliver:*`)).toEqual([]),
  );
const parts = (label: string, count: number, from = 0) =>
  Array.from({ length: count - from }, (_, n) => `${label}${n + from}`);

/** What the follower reads as the reply to his push. */
async function read(world: World, openid: string, text: string): Promise<string> {
  const { answer, attempts } = await say(world, openid, text);
  if (answer?.kind === 'fault') return `fault: ${JSON.stringify(attempts)}`;
  return /<Content><!\[CDATA\[([\s\S]*)\]\]><\/Content>/.exec(attempts.at(-1)?.body ?? '')?.[1] ?? 'success';
}

describe.concurrent('a generator, on an account that may send', { timeout: 120_000 }, () => {
  test('has its parts sent while it goes on, and the next push waits for its end', async (t) => {
    const { world } = await open(t);
    const openid = openidOf(1);
    await say(world, openid, 'talk 4 1500 a');
    await say(world, openid, 'talk 2 5 b');
    await until(t, world, openid, parts('a', 1));
    t.expect(labels(world, 'end')).toEqual([]);
    await until(t, world, openid, [...parts('a', 4), ...parts('b', 2)]);
    await say(world, openid, 'heard');
    await until(t, world, openid, [...parts('a', 4), ...parts('b', 2), 'heard a+b']);
  });

  test('that dies with its worker is run again, and leaves out what went before', async (t) => {
    const { world, worker } = await open(t);
    const openid = openidOf(2);
    await say(world, openid, 'talk 5 1000 c');
    await say(world, openid, 'talk 1 5 d');
    await until(t, world, openid, parts('c', 2));
    await recorded(t, world);
    worker.kill('SIGKILL');
    await worker.ended;
    await world.start('worker');
    await until(t, world, openid, [...parts('c', 5), ...parts('d', 1)], 60_000);
    t.expect(labels(world, 'start')).toEqual(['c', 'c', 'd']);
    await say(world, openid, 'heard');
    await eventually(() => t.expect(sentTo(world, openid).at(-1)).toBe('heard c+d'));
  });

  test('of a worker that hung while another took over says no more when it wakes', async (t) => {
    const { world, worker } = await open(t);
    const openid = openidOf(10);
    await say(world, openid, 'talk 6 2000 k');
    await until(t, world, openid, parts('k', 1));
    // A send that has left and is not recorded yet would be in doubt.
    await recorded(t, world);
    worker.kill('SIGSTOP');
    await world.start('worker');
    await eventually(() => t.expect(labels(world, 'start')).toEqual(['k', 'k']), 60_000);
    worker.kill('SIGCONT');
    await until(t, world, openid, parts('k', 6), 60_000);
    await eventually(() => t.expect(labels(world, 'left')).toEqual(['k', 'k']));
    t.expect(labels(world, 'end')).toEqual(['k']);
    await say(world, openid, 'heard');
    await until(t, world, openid, [...parts('k', 6), 'heard k']);
  });

  test('that throws goes on where it was, and what it returns is said too', async (t) => {
    const { world } = await open(t);
    const openid = openidOf(3);
    await say(world, openid, 'fail-once 4 5 e');
    await until(t, world, openid, [...parts('e', 4), 'eend']);
  });

  test('that a later push replaces stops; what it had said stays, the rest is dropped', async (t) => {
    const { world } = await open(t);
    const openid = openidOf(4);
    await say(world, openid, 'latest 60 1000 f');
    await until(t, world, openid, parts('f', 2));
    await say(world, openid, 'latest 2 5 g');
    await eventually(() => t.expect(sentTo(world, openid).at(-1)).toBe('g1'));
    const said = sentTo(world, openid);
    t.expect(said).toEqual([...parts('f', said.length - 2), ...parts('g', 2)]);
    t.expect(labels(world, 'left')).toEqual(['f', 'g']);
    t.expect(labels(world, 'end')).toEqual(['g']);
    await say(world, openid, 'heard');
    await eventually(() => t.expect(sentTo(world, openid).at(-1)).toBe('heard g'));
  });

  test('that takes longer than its timeout is stopped, run again, and given up on', async (t) => {
    const { world } = await open(t);
    const openid = openidOf(5);
    await say(world, openid, 'timed 60 300 h');
    // 700 ms are two parts; the second run begins with them again.
    await eventually(() => t.expect(sentTo(world, openid).at(-1)).toBe('sorry'));
    const said = sentTo(world, openid);
    t.expect(said).toEqual([...parts('h', said.length - 1), 'sorry']);
    t.expect(labels(world, 'left')).toEqual(['h', 'h']);
  });

  test('is given back by a worker that shuts down, and another goes on with it', async (t) => {
    const { world, worker } = await open(t);
    const openid = openidOf(6);
    await say(world, openid, 'talk 14 2000 i');
    await until(t, world, openid, parts('i', 1));
    worker.kill('SIGTERM');
    await world.start('worker');
    t.expect(await worker.ended).toBe(0);
    await until(t, world, openid, parts('i', 14), 90_000);
    t.expect(labels(world, 'start')).toEqual(['i', 'i']);
    t.expect(labels(world, 'end')).toEqual(['i']);
  });

  test('whose user is forgotten says no more', async (t) => {
    const { world } = await open(t);
    const openid = openidOf(7);
    await say(world, openid, 'talk 60 1000 j');
    await until(t, world, openid, parts('j', 1));
    t.expect(await startChild(['forget', openid], world.env).ended).toBe(0);
    await eventually(() => t.expect(labels(world, 'left')).toEqual(['j']));
    t.expect(labels(world, 'part').length).toBeGreaterThan(sentTo(world, openid).length);
    t.expect(await world.redis.keys(`{${world.env['WXRELAY_PREFIX']}:0}:lane:*`)).toEqual([]);
  });

  test('that yields what is no message is given up on, after what was one', async (t) => {
    const { world, worker } = await open(t);
    const openid = openidOf(8);
    await say(world, openid, 'odd');
    await until(t, world, openid, ['even', 'sorry']);
    t.expect(String(worker.events('push.given_up')[0]?.['reason'])).toContain('a number');
  });

  test('of ten thousand deltas in paragraphs is at most five messages, and nothing is lost', async (t) => {
    const { world } = await open(t, { simulator: {} });
    const openid = openidOf(9);
    await say(world, openid, 'model 10000');
    const whole = 'A model has said it, and 这是第二句。'.repeat(100).slice(0, 2500).replaceAll(' ', '');
    await eventually(() => t.expect(sentTo(world, openid).join('').replaceAll(' ', '') === whole).toBe(true));
    t.expect(sentTo(world, openid).length).toBeGreaterThan(1);
    t.expect(sentTo(world, openid).length).toBeLessThanOrEqual(5);
  });
});

describe.concurrent('a generator whose push is held', { timeout: 120_000 }, () => {
  const off = { env: { WECHAT_CUSTOMER_SERVICE: 'off', WECHAT_APP_SECRET: '' } };

  test('is one reply with all parts, where the account may not send', async (t) => {
    const { world } = await open(t, off);
    t.expect(await read(world, openidOf(11), 'talk 3 400 a')).toBe('a0\n\na1\n\na2');
    t.expect(await read(world, openidOf(12), 'talk 4 1800 b')).toBe('b0\n\nb1\n\nb2\n\nb3');
    t.expect(labels(world, 'start')).toEqual(['a', 'b']);
  });

  test('is one reply with all parts in time, where the account may send', async (t) => {
    const { world } = await open(t);
    t.expect(await read(world, openidOf(13), 'wait 3 400 c')).toBe('c0\n\nc1\n\nc2');
    t.expect(sentTo(world, openidOf(13))).toEqual([]);
  });

  test('is sent part by part after the reply, where it takes longer', async (t) => {
    const { world } = await open(t);
    t.expect(await read(world, openidOf(14), 'wait 6 1000 d')).toBe('a moment');
    await until(t, world, openidOf(14), parts('d', 6));
  });

  test('that goes on for longer is parked part by part, and comes with the reply to the next push', async (t) => {
    const { world } = await open(t, off);
    const openid = openidOf(15);
    t.expect(await read(world, openid, 'talk 4 5000 e')).toContain('正在处理');
    await eventually(() => t.expect(labels(world, 'end')).toEqual(['e']));
    await eventually(async () => {
      const [key = ''] = await world.redis.keys(`{${world.env['WXRELAY_PREFIX']}:0}:parked:*`);
      t.expect(await world.redis.llen(key)).toBe(4);
    });
    t.expect(await read(world, openid, 'heard')).toBe('（之前的回答）\ne0\n\ne1\n\ne2\n\ne3\n\nheard e');
  });
});
