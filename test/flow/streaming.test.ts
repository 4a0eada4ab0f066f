// An answer that comes in parts: each is sent as it comes, in order, once.
import { afterAll, beforeAll, describe, type TestContext, test } from 'vitest';
import { type Child, startChild } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { createHeldWorld, type World } from '../helpers/world.ts';

const HANDLERS = new URL('../fixtures/talking.mjs', import.meta.url).pathname;
const openidOf = (n: number) => `oStream${String(n).padStart(21, '0')}`;

async function open(t: TestContext, options: Parameters<typeof createHeldWorld>[0] = {}) {
  const world = await createHeldWorld({ handlers: HANDLERS, ...options });
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
/** Of what the handlers wrote down, the labels that begin with one of these letters. */
const labels = (world: World, what: string, of = 'a-z') =>
  world
    .runs(what)
    .map((line) => line.split(' ')[1] ?? '')
    .filter((label) => new RegExp(`^[${of}]`).test(label));
/** What WeChat answered to each send. */
const answersTo = (world: World, openid: string) =>
  world.simulator
    .state()
    .messages.filter((sent) => sent.openid === openid)
    .map(({ errcode }) => errcode);
const until = (t: TestContext, world: World, openid: string, texts: string[], ms?: number) =>
  eventually(() => t.expect(sentTo(world, openid)).toEqual(texts), ms);
const recorded = (t: TestContext, world: World) =>
  eventually(async () =>
    t.expect(await world.redis.keys(`{${world.env['WXRELAY_PREFIX']}:0}:lane:deliver:*`)).toEqual([]),
  );
const parts = (label: string, count: number, from = 0) =>
  Array.from({ length: count - from }, (_, n) => `${label}${n + from}`);

/** Three parts as they come, for the window has five sends, one for the rest and one kept back; then the rest in one. */
const fitted = (label: string, count: number) => [...parts(label, 3), parts(label, count, 3).join('\n\n')];

/** What the follower reads as the reply to his push. */
async function read(world: World, openid: string, text: string): Promise<string> {
  const { answer, attempts } = await say(world, openid, text);
  if (answer?.kind === 'fault') return `fault: ${JSON.stringify(attempts)}`;
  return /<Content><!\[CDATA\[([\s\S]*)\]\]><\/Content>/.exec(attempts.at(-1)?.body ?? '')?.[1] ?? 'success';
}

describe.concurrent('a generator, on an account that may send', { timeout: 120_000 }, () => {
  let world: World;
  let worker: Child;
  beforeAll(async () => {
    world = await createHeldWorld({ handlers: HANDLERS });
    [, worker] = await Promise.all([world.start('receiver'), world.start('worker')]);
  });
  afterAll(() => world?.close());

  test('has its parts sent while it goes on, and the next push waits for its end', async (t) => {
    const openid = openidOf(1);
    await say(world, openid, 'talk 4 1500 a');
    await say(world, openid, 'talk 2 5 b');
    await until(t, world, openid, parts('a', 1));
    t.expect(labels(world, 'end', 'a')).toEqual([]);
    await until(t, world, openid, [...parts('a', 4), 'b0\n\nb1']);
    await say(world, openid, 'heard');
    await until(t, world, openid, [...parts('a', 4), 'b0\n\nb1', 'heard a+b']);
  });

  test('that throws goes on where it was, and what it returns is said too', async (t) => {
    const openid = openidOf(3);
    await say(world, openid, 'fail-once 4 5 e');
    await until(t, world, openid, [...parts('e', 3), 'e3\n\neend']);
  });

  test('is sent without what its model thought, which began in one part and ended in another', async (t) => {
    const openid = openidOf(20);
    await say(world, openid, 'think');
    await until(t, world, openid, ['一', '二']);
  });

  test('that a later push replaces stops; what it had said stays, the rest is dropped', async (t) => {
    const openid = openidOf(4);
    await say(world, openid, 'latest 60 1000 f');
    await until(t, world, openid, parts('f', 2));
    await say(world, openid, 'latest 2 5 g');
    await eventually(() => t.expect(sentTo(world, openid).at(-1)).toBe('g1'));
    const said = sentTo(world, openid);
    t.expect(said).toEqual([...parts('f', said.length - 2), ...parts('g', 2)]);
    t.expect(labels(world, 'left', 'fg')).toEqual(['f', 'g']);
    t.expect(labels(world, 'end', 'fg')).toEqual(['g']);
    await say(world, openid, 'heard');
    await eventually(() => t.expect(sentTo(world, openid).at(-1)).toBe('heard g'));
  });

  test('that takes longer than its timeout is stopped, run again, and given up on', async (t) => {
    const openid = openidOf(5);
    await say(world, openid, 'timed 60 300 h');
    // 700 ms are two parts; the second run begins with them again.
    await eventually(() => t.expect(sentTo(world, openid).at(-1)).toBe('sorry'));
    const said = sentTo(world, openid);
    t.expect(said).toEqual([...parts('h', said.length - 1), 'sorry']);
    t.expect(labels(world, 'left', 'h')).toEqual(['h', 'h']);
  });

  test('that yields what is no message is given up on, after what was one', async (t) => {
    const openid = openidOf(8);
    await say(world, openid, 'odd');
    await until(t, world, openid, ['even', 'sorry']);
    const reasons = worker.events('push.given_up').map(({ reason }) => String(reason));
    t.expect(reasons.some((reason) => reason.includes('a number'))).toBe(true);
  });

  test('has three messages sent as they come, and the rest in one, when it has ended', async (t) => {
    const openid = openidOf(21);
    await say(world, openid, 'talk 30 5 l');
    await until(t, world, openid, fitted('l', 30));
    t.expect(answersTo(world, openid)).toEqual([0, 0, 0, 0]);
  });

  test('refused once, has the rest parked without another call', async (t) => {
    const openid = openidOf(23);
    await fetch(`${world.simulator.url}/simulator/fault`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ path: '/cgi-bin/message/custom/send', openid, errcode: 45047, after: 1 }),
    });
    await say(world, openid, 'talk 6 1000 m');
    await eventually(() => t.expect(labels(world, 'end', 'm')).toEqual(['m']));
    await eventually(async () => {
      const [key = ''] = await world.redis.keys(`{${world.env['WXRELAY_PREFIX']}:0}:parked:*`);
      t.expect(await world.redis.llen(key)).toBe(5);
    });
    t.expect(answersTo(world, openid)).toEqual([0, 45047]);
    await say(world, openid, 'heard');
    const rest = `（之前的回答）\n${parts('m', 6, 1).join('\n\n')}`;
    await until(t, world, openid, ['m0', rest, 'heard m']);
  });
});

describe.concurrent('a generator whose worker or user goes', { timeout: 120_000 }, () => {
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
    await until(t, world, openid, [...fitted('c', 5), 'd0'], 60_000);
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
    await until(t, world, openid, fitted('k', 6), 60_000);
    await eventually(() => t.expect(labels(world, 'left')).toEqual(['k', 'k']));
    t.expect(labels(world, 'end')).toEqual(['k']);
    await say(world, openid, 'heard');
    await until(t, world, openid, [...fitted('k', 6), 'heard k']);
  });

  test('is given back by a worker that shuts down, and another goes on with it', async (t) => {
    const { world, worker } = await open(t);
    const openid = openidOf(6);
    await say(world, openid, 'talk 14 2000 i');
    await until(t, world, openid, parts('i', 1));
    worker.kill('SIGTERM');
    await world.start('worker');
    t.expect(await worker.ended).toBe(0);
    await until(t, world, openid, fitted('i', 14), 90_000);
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
    await until(t, world, openidOf(14), fitted('d', 6));
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
