import { describe, expect, type TestContext, test } from 'vitest';
import { startChild } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { createWorld, type World } from '../helpers/world.ts';

const post = (url: string, body: object = {}) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

describe('one access_token for all', () => {
  test('four workers that start cold with a hundred answers to send fetch it once, and once more when it is revoked', async (t) => {
    const world = await createWorld();
    t.onTestFinished(() => world.close());
    await world.start('receiver');
    const users = Array.from({ length: 100 }, (_, n) => `oToken${String(n).padStart(22, '0')}`);
    await Promise.all(users.map((openid) => world.push({ openid, text: 'slow 5 first' })));
    await Promise.all([1, 2, 3, 4].map(() => world.start('worker')));
    await eventually(() => expect(world.sent()).toHaveLength(100));
    expect(world.simulator.state().counters).toMatchObject({ stableToken: 1, token: 0, sends: 100 });

    await post(`${world.simulator.url}/simulator/token/revoke`);
    await Promise.all(users.map((openid) => world.push({ openid, text: 'slow 5 second' })));
    await eventually(() => expect(world.sent()).toHaveLength(200));
    expect(world.simulator.state().counters.stableToken).toBe(2);
    expect(new Set(world.sent().map(({ openid, text }) => openid + text)).size).toBe(200);
  });

  test('an API that fails for a while delays answers, repeats no run, and loses nothing', async (t) => {
    const world = await createWorld();
    t.onTestFinished(() => world.close());
    await Promise.all([world.start('receiver'), world.start('worker')]);
    const path = '/cgi-bin/message/custom/send';
    await post(`${world.simulator.url}/simulator/fault`, { path, errcode: -1, times: 2 });
    const openid = 'oTokenApi'.padEnd(28, '0');
    await world.push({ openid, text: 'slow 5 p0' });
    await world.push({ openid, text: 'slow 5 p1' });
    await eventually(() => expect(world.sent().map(({ text }) => text)).toEqual(['done p0', 'done p1']));
    expect(world.runs('start')).toHaveLength(2);
  });
});

describe.concurrent('whatever happens to the token, nothing is lost', { timeout: 180_000 }, () => {
  const setUp = async (t: TestContext, env?: Record<string, string>) => {
    const world = await createWorld(env ? { env } : {});
    t.onTestFinished(() => world.close());
    const order = (what: string, body: object) => post(`${world.simulator.url}/simulator/${what}`, body);
    return { world, order };
  };
  const usersOf = (name: string, count: number) =>
    Array.from({ length: count }, (_, n) => `o${name}${String(n).padStart(27 - name.length, '0')}`);

  test('at the API where each fetch ends the token before, four cold workers with a hundred answers fetch once', async (t) => {
    const { world, order } = await setUp(t, { WECHAT_TOKEN_API: 'legacy' });
    await order('settings', { tokenOverlap: false });
    await world.start('receiver');
    const users = usersOf('Legacy', 100);
    await Promise.all(users.map((openid) => world.push({ openid, text: 'slow 5 x' })));
    await Promise.all([1, 2, 3, 4].map(() => world.start('worker')));
    await eventually(() => t.expect(world.sent()).toHaveLength(100));
    t.expect(world.simulator.state().counters).toMatchObject({ token: 1, stableToken: 0, sends: 100 });
  });

  test('a worker killed while it fetches is replaced: the lock lapses, and another fetches', async (t) => {
    const { world, order } = await setUp(t);
    await order('fault', { path: STABLE, delayMs: 60_000 });
    const [, first] = await Promise.all([world.start('receiver'), world.start('worker')]);
    const [openid = ''] = usersOf('Killed', 1);
    await world.push({ openid, text: 'slow 5 x' });
    await eventually(() => t.expect(world.simulator.state().counters.stableToken).toBe(1));
    first.kill('SIGKILL');
    await world.start('worker');
    await eventually(() => t.expect(world.sent()).toEqual([{ openid, text: 'done x' }]), 90_000);
    t.expect(world.simulator.state().counters.stableToken).toBe(2);
  });

  test('an endpoint that answers 502, HTML or half a body delays answers and gives none up', async (t) => {
    const { world, order } = await setUp(t);
    for (const fault of [{ status: 502 }, { status: 200 }, { cut: true }])
      await order('fault', { path: STABLE, ...fault });
    await world.start('receiver');
    const users = usersOf('Broken', 3);
    await Promise.all(users.map((openid) => world.push({ openid, text: 'slow 5 x' })));
    await world.start('worker');
    await eventually(() => t.expect(world.sent()).toHaveLength(3));
    t.expect(await deadOf(world)).toEqual([]);
  });

  test('an IP that is not on the list is named, nothing is lost, and all is sent once it is listed', async (t) => {
    const { world, order } = await setUp(t);
    const errmsg = 'invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist';
    await order('fault', { path: STABLE, errcode: 40164, errmsg });
    await world.start('receiver');
    const users = usersOf('Listed', 10);
    await Promise.all(users.map((openid) => world.push({ openid, text: 'slow 5 x' })));
    const [one, two] = await Promise.all([world.start('worker'), world.start('worker')]);
    const events = (name: string) => [one, two].flatMap((child) => child.events(name));
    await eventually(() => t.expect(events('account.unusable')).toHaveLength(1));
    t.expect(events('account.unusable')[0]).toMatchObject({
      level: 'error',
      advice:
        'put 203.0.113.7 on the IP 白名单 at 微信开发者平台 → 我的业务 → 公众号/服务号 → 基础信息 → 开发密钥（原：设置与开发 → 基本配置）',
    });
    await eventually(async () => t.expect(await waitingLanes(world)).toEqual(Array(10).fill({ tries: null })));
    await eventually(() => t.expect(world.sent()).toHaveLength(10), 120_000);
    t.expect(world.simulator.state().counters).toMatchObject({ stableToken: 2, sends: 10 });
    t.expect(events('account.unusable')).toHaveLength(1);
    t.expect(events('account.usable')).toHaveLength(1);
    t.expect(await deadOf(world)).toEqual([]);
  });

  test('a quota that is used up stops the sends of all workers after one refusal, and loses no answer', async (t) => {
    const { world, order } = await setUp(t);
    await order('fault', { path: SEND, errcode: 45009, times: 100 });
    await Promise.all([world.start('receiver'), world.start('worker')]);
    const users = usersOf('Quota', 20);
    await world.push({ openid: users[0] ?? '', text: 'slow 5 x' });
    await eventually(() => t.expect(callsOf(world, SEND)).toBe(1));
    await world.start('worker');
    await Promise.all(users.slice(1).map((openid) => world.push({ openid, text: 'slow 5 x' })));
    await eventually(async () =>
      t.expect((await world.redis.keys(`{${world.env['WXRELAY_PREFIX']}:0}:lane:deliver:*`)).length).toBe(20),
    );
    t.expect(callsOf(world, SEND)).toBe(1);
    t.expect(await deadOf(world)).toEqual([]);
  });
});

const STABLE = '/cgi-bin/stable_token';
const SEND = '/cgi-bin/message/custom/send';
const callsOf = (world: World, path: string) => world.simulator.state().calls[path]?.total ?? 0;

/** The outbound lanes that wait before they try again, and how often that was counted. */
async function waitingLanes({ redis, env }: World): Promise<{ tries: string | null }[]> {
  const keys = await redis.keys(`{${env['WXRELAY_PREFIX']}:0}:state:deliver:*`);
  const states = await Promise.all(keys.map((key) => redis.hmget(key, 'wait', 'tries')));
  return states.flatMap(([wait, tries = null]) => (wait ? [{ tries }] : []));
}

async function deadOf({ env }: World): Promise<string[]> {
  const child = startChild(['queue', 'list', '--json'], env);
  await child.ended;
  return child.lines;
}
