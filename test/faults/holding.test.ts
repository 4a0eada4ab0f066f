// Processes that are killed while an answer is on its way into a reply: what the user finally reads. A trap between a process
// and Redis stops it at a step of its work, and there it is killed; of two receivers the second gets what WeChat then repeats.
import { describe, inject, type TestContext, test } from 'vitest';
import { type Child, startChild } from '../helpers/child.ts';
import { createDoor } from '../helpers/door.ts';
import { eventually } from '../helpers/eventually.ts';
import { freePort } from '../helpers/ports.ts';
import { createTrapProxy, type TrapProxy } from '../helpers/trap-proxy.ts';
import { createHeldWorld, type World } from '../helpers/world.ts';

const OFF = { WECHAT_CUSTOMER_SERVICE: 'off', WECHAT_APP_SECRET: '' };
const EARLIER = '（之前的回答）';
const BUSY = '正在处理，请稍后发送任意消息查看结果。';
const openid = 'oKilled'.padEnd(28, '0');

interface Site {
  readonly world: World;
  /** Between the first receiver, or the worker, and Redis. */
  readonly trap: TrapProxy;
  /** Kills the first receiver when the trap has sprung; the second takes its place. */
  fall(sprung: Promise<void>): Promise<void>;
}

/** Two receivers, the first behind the trap, and a worker. */
async function open(t: TestContext, env: Record<string, string> = {}): Promise<Site> {
  const { door, world, trap } = await openWorld(t, env);
  const [first, second] = [await freePort(), await freePort()];
  door.leadTo(first);
  const [receiver] = await Promise.all([
    world.start('receiver', { REDIS_URL: trap.url, PORT: `${first}` }),
    world.start('receiver', { PORT: `${second}` }),
    world.start('worker'),
  ]);
  return {
    world,
    trap,
    async fall(sprung) {
      await sprung;
      door.leadTo(second);
      await kill(receiver);
    },
  };
}

async function openWorld(t: TestContext, env: Record<string, string>) {
  const door = await createDoor();
  t.onTestFinished(() => door.close());
  const world = await createHeldWorld({
    env: { ...OFF, PUBLIC_URL: door.origin, ...env },
    simulator: { receiverUrl: `${door.origin}/wechat` },
  });
  t.onTestFinished(() => world.close());
  const trap = await createTrapProxy(inject('redisUrl'));
  t.onTestFinished(() => trap.close());
  return { door, world, trap };
}

async function kill(child: Child): Promise<void> {
  child.kill('SIGKILL');
  await child.ended;
}

/** What the user reads in the end as the reply to one push. */
async function said(world: World, text: string): Promise<string> {
  const { attempts } = await world.push({ openid, text });
  const { body = 'nothing' } = attempts.at(-1) ?? {};
  return /<Content><!\[CDATA\[([\s\S]*)\]\]><\/Content>/.exec(body)?.[1] ?? body;
}

/** The reply to the first 继续 that brings something. */
const fetched = (t: TestContext, world: World) =>
  eventually(async () => {
    const reply = await said(world, '继续');
    t.expect(reply).not.toBe('success');
    return reply;
  }, 60_000);

const prefixOf = (world: World) => `{${world.env['WXRELAY_PREFIX']}:0}`;
const untilParked = (t: TestContext, world: World) =>
  eventually(async () => t.expect(await world.redis.keys(`${prefixOf(world)}:parked:*`)).toHaveLength(1), 60_000);
const untilIdle = (t: TestContext, world: World) =>
  eventually(async () => t.expect(await world.redis.zcard(`${prefixOf(world)}:oldest`)).toBe(0), 60_000);
/** The user as the outbound lane names him, once he has written. */
const userOf = (world: World) =>
  eventually(async () => {
    const [window] = await world.redis.keys(`${prefixOf(world)}:window:*`);
    if (!window) throw new Error('he has not written yet');
    return window.slice(`${prefixOf(world)}:window:`.length);
  });
const givenUp = async (world: World) => {
  const child = startChild(['queue', 'list', '--json'], world.env);
  await child.ended;
  return child.lines.map((line) => JSON.parse(line));
};

describe.concurrent('on an account that may not send', { timeout: 150_000 }, () => {
  test('a worker killed in the middle of a run: another finishes it, and the answer is read once', async (t) => {
    const { door, world } = await openWorld(t, {});
    const port = await freePort();
    door.leadTo(port);
    const [, worker] = await Promise.all([world.start('receiver', { PORT: `${port}` }), world.start('worker')]);
    const reading = said(world, 'slow 1500 a');
    await eventually(() => t.expect(world.runs('start')).toHaveLength(1));
    await kill(worker);
    await world.start('worker');
    const replies = [await reading];
    if (replies[0] === BUSY) replies.push(await fetched(t, world));
    replies.push(await said(world, '继续'));
    t.expect(replies.join().match(/done a/g)).toHaveLength(1);
    t.expect(replies.at(-1)).toBe('success');
  });

  test('a worker killed while it parks: the answer has certainly not been said, and is read once', async (t) => {
    const { door, world, trap } = await openWorld(t, { WXRELAY_MAX_HELD: '0', WXRELAY_IN_DOUBT: 'hold' });
    const port = await freePort();
    door.leadTo(port);
    const parks = trap.at('parked 1 part(s)', 'kept');
    const [, worker] = await Promise.all([
      world.start('receiver', { PORT: `${port}` }),
      world.start('worker', { REDIS_URL: trap.url }),
    ]);
    t.expect(await said(world, 'slow 5000 b')).toBe(BUSY);
    await parks;
    await kill(worker);
    await world.start('worker');
    t.expect(await fetched(t, world)).toBe(`${EARLIER}\ndone b`);
    t.expect(await said(world, '继续')).toBe('success');
    t.expect(await givenUp(world)).toEqual([]);
  });

  test('a receiver killed while it holds a push: WeChat’s repeat gets the answer from another', async (t) => {
    const { world, fall } = await open(t);
    const reading = said(world, 'slow 2500 c');
    await fall(eventually(() => t.expect(world.runs('start')).toHaveLength(1)));
    t.expect(await reading).toBe('done c');
    await untilIdle(t, world);
    t.expect(await said(world, '继续')).toBe('success');
  });

  test('a receiver killed when it has taken the answer: so does the repeat, once', async (t) => {
    const { world, trap, fall } = await open(t, { WXRELAY_IN_DOUBT: 'hold' });
    const reading = said(world, 'slow 1500 d');
    await fall(trap.at(`deliver:${await userOf(world)}`));
    t.expect(await reading).toBe('done d');
    await untilIdle(t, world);
    t.expect(await said(world, '继续')).toBe('success');
    t.expect(await givenUp(world)).toEqual([]);
  });

  test('a receiver killed when it has taken what was parked: WeChat’s repeat gets it from another, once', async (t) => {
    const { world, trap, fall } = await open(t, { WXRELAY_MAX_HELD: '0' });
    t.expect(await said(world, 'slow 5000 e')).toBe(BUSY);
    await untilParked(t, world);
    const sprung = trap.at(`deliver:${await userOf(world)}`);
    const reading = said(world, '继续');
    await fall(sprung);
    t.expect(await reading).toBe(`${EARLIER}\ndone e`);
    await untilIdle(t, world);
    t.expect(await said(world, '继续')).toBe('success');
  });

  test('a receiver killed when it has kept a page: WeChat’s repeat gets a link that leads to the whole answer', async (t) => {
    const { world, trap, fall } = await open(t);
    const sprung = trap.at(':page:');
    const reading = said(world, 'long 3000');
    await fall(sprung);
    const reply = await reading;
    const link = /<a href="([^"]+)">/.exec(reply)?.[1] as string;
    t.expect(await (await fetch(link)).text()).toContain('第2999句话。');
    await untilIdle(t, world);
    t.expect(await said(world, '继续')).toBe('success');
  });

  // The gap that the README names: the reply has left, and nobody could note it.
  test('a receiver killed when its reply has left, before that is noted: what it carried is offered again', async (t) => {
    const { world, trap, fall } = await open(t, { WXRELAY_MAX_HELD: '0' });
    t.expect(await said(world, 'slow 5000 f')).toBe(BUSY);
    await untilParked(t, world);
    const sprung = trap.at('replied with the answer', 'kept');
    t.expect(await said(world, '继续')).toBe(`${EARLIER}\ndone f`);
    await fall(sprung);
    t.expect(await fetched(t, world)).toBe(`${EARLIER}\ndone f`);
    t.expect(await said(world, '继续')).toBe('success');
  });

  test('with WXRELAY_IN_DOUBT=hold it is not: all of it waits in dead', async (t) => {
    const { world, trap, fall } = await open(t, { WXRELAY_IN_DOUBT: 'hold' });
    const sprung = trap.at('replied with the answer', 'kept');
    t.expect(await said(world, 'many 2')).toContain('第1部分');
    await fall(sprung);
    await eventually(async () => {
      const what = { what: 'answer', reason: 'in doubt: it may have arrived' };
      t.expect(await givenUp(world)).toMatchObject([what, what]);
    }, 60_000);
    await untilIdle(t, world);
    t.expect(await said(world, '继续')).toBe('success');
  });
});

test('on one that may send, a receiver killed before it has written its reply: the repeat gets it, and then the answer is sent', {
  timeout: 60_000,
}, async (t) => {
  const { world, trap, fall } = await open(t, {
    WECHAT_CUSTOMER_SERVICE: 'on',
    WECHAT_APP_SECRET: 'test-app-secret-0123456789',
  });
  const sprung = trap.at('CDATA[reply g');
  const pushing = world.push({ openid, text: 'both g' });
  await fall(sprung);
  const { answer, attempts, at, ms } = await pushing;
  t.expect(answer).toMatchObject({ kind: 'reply', reply: { content: 'reply g' } });
  t.expect(attempts.length).toBeGreaterThan(1);
  await eventually(() => t.expect(world.sent().map(({ text }) => text)).toEqual(['answer g']));
  await untilIdle(t, world);
  t.expect(world.sent()).toHaveLength(1);
  t.expect(world.simulator.state().messages[0]?.at).toBeGreaterThanOrEqual(at + Math.floor(ms ?? 0) - 5);
});
