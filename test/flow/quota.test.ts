// What `run` is told of how often its user may be sent to.
import { describe, type TestContext, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { createWorld, type World } from '../helpers/world.ts';

const HANDLERS = new URL('../fixtures/talking.mjs', import.meta.url).pathname;
const SEND = '/cgi-bin/message/custom/send';
const openidOf = (n: number) => `oQuota${String(n).padStart(22, '0')}`;

async function open(t: TestContext, options: Parameters<typeof createWorld>[0] = {}): Promise<World> {
  const world = await createWorld({ handlers: HANDLERS, simulator: { counted: false }, ...options });
  t.onTestFinished(() => world.close());
  await Promise.all([world.start('receiver'), world.start('worker')]);
  return world;
}

const sentTo = (world: World, openid: string) =>
  world
    .sent()
    .filter((sent) => sent.openid === openid)
    .map(({ text }) => text);
const until = (t: TestContext, world: World, openid: string, texts: string[]) =>
  eventually(() => t.expect(sentTo(world, openid)).toEqual(texts));
const windowOf = async (world: World) => {
  const [key = ''] = await world.redis.keys(`{${world.env['WXRELAY_PREFIX']}:0}:window:*`);
  return { key, ...(await world.redis.hgetall(key)) } as { key: string; left?: string; ends?: string };
};

describe.concurrent('quota', { timeout: 120_000 }, () => {
  test('is what the push has opened, also for one that waited, less what was sent', async (t) => {
    const world = await open(t);
    const openid = openidOf(1);
    await world.push({ openid, text: 'quota' });
    await until(t, world, openid, ['5 for 2880 min']);
    await eventually(async () => t.expect((await windowOf(world)).left).toBe('4'));
    // The second is handed over with the end of the first.
    await world.push({ openid, text: 'silent 1500 a' });
    await world.push({ openid, text: 'quota' });
    await until(t, world, openid, ['5 for 2880 min', '5 for 2880 min']);
  });

  test('is not known of a user whose window nobody has counted', async (t) => {
    const world = await open(t);
    const openid = openidOf(2);
    await world.push({ openid, text: 'silent 1500 b' });
    await world.push({ openid, text: 'quota' });
    await world.redis.del((await windowOf(world)).key);
    await until(t, world, openid, ['unknown']);
  });

  test.for([
    [45047, true],
    [45015, false],
  ] as const)('follows what WeChat says: %d', async ([errcode, isOpen], t) => {
    const world = await open(t);
    const openid = openidOf(errcode);
    await fetch(`${world.simulator.url}/simulator/fault`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ path: SEND, errcode }),
    });
    await world.push({ openid, text: 'talk 1 5 c' });
    await eventually(async () => t.expect((await windowOf(world)).left).toBe('0'));
    const { key, ends } = await windowOf(world);
    t.expect(Number(ends) > Date.now() + 60_000).toBe(isOpen);
    t.expect(await world.redis.pttl(key)).toBeGreaterThan(0);
    await world.push({ openid, text: 'quota' });
    // What was parked goes before it, and may have used one of the five by then.
    await eventually(() => t.expect(sentTo(world, openid).at(-1)).toMatch(/^[45] for 2880 min$/));
    t.expect(sentTo(world, openid)).toHaveLength(2);
    await eventually(async () => t.expect((await windowOf(world)).left).toBe('3'));
  });
});
