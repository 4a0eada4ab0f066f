// The typing state: shown while a run goes on, and no trouble to anybody.
import { describe, type TestContext, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { createWorld, type World } from '../helpers/world.ts';

const HANDLERS = new URL('../fixtures/talking.mjs', import.meta.url).pathname;
const TYPING = '/cgi-bin/message/custom/typing';
const openidOf = (n: number) => `oTyping${String(n).padStart(21, '0')}`;

async function open(t: TestContext, options: Parameters<typeof createWorld>[0] = {}): Promise<World> {
  const world = await createWorld({ handlers: HANDLERS, ...options });
  t.onTestFinished(() => world.close());
  await Promise.all([world.start('receiver'), world.start('worker')]);
  return world;
}

const fault = (world: World, what: object) =>
  fetch(`${world.simulator.url}/simulator/fault`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ path: TYPING, times: 1000, ...what }),
  });
const callsOf = (world: World) => world.simulator.state().calls[TYPING] ?? { total: 0, answers: {} };
const shownTo = (world: World, openid: string) =>
  (world.simulator.state().followers.find((one) => one.openid === openid)?.typingMs ?? 0) > 0;
const ended = (t: TestContext, world: World, ...labels: string[]) =>
  eventually(() => t.expect(world.runs('end').map((line) => line.split(' ')[1])).toEqual(labels), 30_000);

describe.concurrent('the typing state', { timeout: 90_000 }, () => {
  test('is shown to the user of a run that goes on, renewed, and gone with its end', async (t) => {
    const world = await open(t);
    await world.push({ openid: openidOf(1), text: 'silent 8000 a' });
    await world.push({ openid: openidOf(2), text: 'heard' });
    await eventually(() => t.expect(shownTo(world, openidOf(1))).toBe(true));
    t.expect(world.runs('end')).toEqual([]);
    t.expect(shownTo(world, openidOf(2))).toBe(false);
    await ended(t, world, 'a');
    await eventually(() => t.expect(shownTo(world, openidOf(1))).toBe(false));
    // Shown, shown already, and hidden.
    t.expect(callsOf(world)).toMatchObject({ total: 3, answers: { 0: 2, 45081: 1 } });
  });

  test('is not shown for a short run, nor where the handler wants none, nor where the account may not send', async (t) => {
    const world = await open(t);
    await world.push({ openid: openidOf(3), text: 'silent 300 b' });
    await world.push({ openid: openidOf(3), text: 'hidden 1 2500 c' });
    await ended(t, world, 'b', 'c');
    t.expect(callsOf(world).total).toBe(0);
    const off = await open(t, { env: { WECHAT_CUSTOMER_SERVICE: 'off', WECHAT_APP_SECRET: '' } });
    await off.push({ openid: openidOf(3), text: 'silent 2500 d' });
    await ended(t, off, 'd');
    t.expect(off.simulator.state().calls).toEqual({});
  });

  test.for([{ errcode: 40200 }, { errcode: 48001 }, { status: 502 }, { cut: true }])(
    'answered with %o is left alone: the answers come, it is not asked again and again, and the account still sends',
    async (what, t) => {
      const world = await createWorld({ handlers: HANDLERS, env: { WECHAT_CUSTOMER_SERVICE: 'auto' } });
      t.onTestFinished(() => world.close());
      const capability = `{${world.env['WXRELAY_PREFIX']}:wx0123456789abcdef}:capability`;
      await world.redis.set(capability, 'on');
      await Promise.all([world.start('receiver'), world.start('worker')]);
      await fault(world, what);
      for (const n of [4, 5]) await world.push({ openid: openidOf(n), text: `talk 1 2500 e${n}` });
      await eventually(() => t.expect(world.sent()).toHaveLength(2));
      await world.push({ openid: openidOf(6), text: 'talk 1 2500 f' });
      await eventually(() => t.expect(world.sent()).toHaveLength(3));
      t.expect(callsOf(world).total).toBeLessThanOrEqual(2);
      t.expect(await world.redis.get(capability)).toBe('on');
    },
  );

  test('of twenty users at once is a few calls, however slowly they are answered', async (t) => {
    const world = await open(t, { env: { WXRELAY_CONCURRENCY: '20' } });
    await fault(world, { delayMs: 4000 });
    const users = Array.from({ length: 20 }, (_, n) => openidOf(100 + n));
    await Promise.all(users.map((openid, n) => world.push({ openid, text: `talk 1 2500 g${n}` })));
    await eventually(() => t.expect(world.sent()).toHaveLength(20), 30_000);
    t.expect(callsOf(world).total).toBeGreaterThan(0);
    t.expect(callsOf(world).total).toBeLessThanOrEqual(6);
  });
});
