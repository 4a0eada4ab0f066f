// Our own worker behind a gateway: no AppSecret, no token, and nothing lost when the gateway dies.
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { describe, expect, inject, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { freePort } from '../helpers/ports.ts';
import { createWorld, type World } from '../helpers/world.ts';
import { type ClientEntry, createPlace, keyOf, type RunningGateway } from './harness.ts';

const SEND = '/cgi-bin/message/custom/send';
const TYPING = '/cgi-bin/message/custom/typing';
const WORKER: ClientEntry = { name: 'worker', allow: [SEND] };

/** A world whose worker knows the gateway alone: not WeChat's address, and no AppSecret. */
async function createWorldBehind(
  clients: readonly ClientEntry[] = [WORKER],
  options: Parameters<typeof createWorld>[0] = {},
) {
  const world = await createWorld(options);
  const place = createPlace(clients, world.simulator.url, { WXRELAY_PREFIX: world.env['WXRELAY_PREFIX'] as string });
  const port = await freePort();
  const behind = {
    WECHAT_APP_SECRET: '',
    WECHAT_API_BASE_URL: 'http://127.0.0.1:1',
    WECHAT_GATEWAY_URL: `http://127.0.0.1:${port}`,
    WECHAT_GATEWAY_KEY: keyOf('worker'),
  };
  return {
    world,
    place,
    startGateway: () => place.start(['--role', 'proxy'], { GATEWAY_PORT: String(port) }),
    startWorker: (env: Record<string, string> = {}) => world.start('worker', { ...behind, ...env }),
    async close() {
      await place.close();
      await world.close();
    },
  };
}

const AUTO = { env: { WECHAT_CUSTOMER_SERVICE: 'auto' } };
const capabilityKey = ({ env }: World) => `{${env['WXRELAY_PREFIX']}:wx0123456789abcdef}:capability`;
const openidOf = (n: number) => `oGate${String(n).padStart(23, '0')}`;
const pushAll = (world: World, from: number, count: number, text: string) =>
  Promise.all(Array.from({ length: count }, (_, n) => world.push({ openid: openidOf(from + n), text })));

function deliverQueue({ env, redis }: World): Queue {
  return new Queue('deliver', { connection: redis, prefix: `{${env['WXRELAY_PREFIX']}:0}` });
}

describe('a worker behind a gateway', () => {
  test('sends through it, with the key in a header and no token of its own', async (t) => {
    const { world, place, startGateway, startWorker, close } = await createWorldBehind();
    t.onTestFinished(close);
    const [gateway, worker] = await Promise.all([startGateway(), startWorker(), world.start('receiver')]);
    await pushAll(world, 0, 5, 'slow 5 through');
    await eventually(() => expect(world.sent()).toHaveLength(5));
    expect(worker.events('token.fetched')).toHaveLength(0);
    expect(world.simulator.state().counters).toMatchObject({ stableToken: 1, sends: 5 });
    await eventually(() => expect(gateway.events('gateway.call')).toHaveLength(5));
    const log = [...place.allLines(), ...world.allLines()].join('\n');
    expect(log).not.toContain(keyOf('worker'));
    expect(log).not.toContain('99_');
  });

  test.each([
    ['403, for a key that may not', { name: 'worker' }, 990403],
    ['401, for a key that is not known', { name: 'another' }, 990401],
  ] as const)('keeps its answers at a %s, and says who must act', async (_, entry, errcode) => {
    const { world, startGateway, startWorker, close } = await createWorldBehind([entry]);
    try {
      const [, worker] = await Promise.all([startGateway(), startWorker(), world.start('receiver')]);
      await pushAll(world, 10, 1, 'slow 5 kept');
      await eventually(() => expect(worker.events('send.refused')).toMatchObject([{ errcode, who: 'operator' }]));
      const [delayed] = await eventually(async () => {
        const jobs = await deliverQueue(world).getDelayed();
        expect(jobs).toHaveLength(1);
        return jobs;
      });
      // A minute, as for whatever a person has to put right.
      expect(delayed!.delay).toBeGreaterThanOrEqual(50_000);
      expect(worker.events('push.given_up')).toHaveLength(0);
    } finally {
      await close();
    }
  });

  test('waits at a 429 as long as it is told, and loses nothing', async (t) => {
    const { world, startGateway, startWorker, close } = await createWorldBehind([{ ...WORKER, limit: '4/s' }]);
    t.onTestFinished(close);
    const [gateway, worker] = await Promise.all([startGateway(), startWorker(), world.start('receiver')]);
    await pushAll(world, 20, 16, 'slow 5 limited');
    await eventually(() => expect(world.sent()).toHaveLength(16));
    expect(worker.events('send.refused').map(({ errcode }) => errcode)).toContain(990429);
    await eventually(() => expect(gateway.events('gateway.call').map(({ status }) => status)).toContain(429));
    expect(new Set(world.sent().map(({ openid }) => openid)).size).toBe(16);
    expect(world.sent()).toHaveLength(16);
  });

  test('takes a send for in doubt only where the gateway had written it', async (t) => {
    const { world, startGateway, startWorker, close } = await createWorldBehind([WORKER], AUTO);
    t.onTestFinished(close);
    await world.redis.set(capabilityKey(world), 'on');
    const [, worker] = await Promise.all([
      startGateway(),
      startWorker({ WXRELAY_IN_DOUBT: 'hold' }),
      world.start('receiver'),
    ]);
    const fault = (body: object) =>
      fetch(`${world.simulator.url}/simulator/fault`, {
        method: 'POST',
        body: JSON.stringify({ path: SEND, ...body }),
      });
    await fault({ cut: true });
    await pushAll(world, 50, 1, 'slow 5 cut');
    const dead = () => world.allLines().filter((line) => line.includes('push.given_up'));
    await eventually(() => expect(dead()).toMatchObject([expect.stringContaining('it may have arrived')]));
    // No token: nothing was written, so it waits; and nothing follows for the account.
    await fetch(`${world.simulator.url}/simulator/token/revoke`, { method: 'POST', body: '{}' });
    await fault({ path: '/cgi-bin/stable_token', status: 502, times: 5 });
    await pushAll(world, 51, 1, 'slow 5 later');
    await eventually(() => expect(worker.events('send.failed')).toHaveLength(2));
    expect(await world.redis.get(capabilityKey(world))).toBe('on');
    await eventually(async () => expect(await deliverQueue(world).getDelayed()).toHaveLength(1));
    expect(dead()).toHaveLength(1);
    expect(worker.events('send.refused')).toEqual([]);
  });
});

describe('a worker behind a gateway, on an account that nobody knows yet', () => {
  const calls = (gateway: RunningGateway) => gateway.events('gateway.call').map(({ path, status }) => [path, status]);

  test('learns nothing of the account from a call that its key may not make', async (t) => {
    const { world, startGateway, startWorker, close } = await createWorldBehind([WORKER], AUTO);
    t.onTestFinished(close);
    const [gateway] = await Promise.all([startGateway(), startWorker(), world.start('receiver')]);
    await world.push({ openid: openidOf(60), text: 'slow 1500 unknown' });
    await eventually(() => expect(calls(gateway)).toContainEqual([TYPING, 403]));
    expect(await world.redis.get(capabilityKey(world))).toBe(null);
    // One that may send goes on to do so, whatever becomes of the typing state.
    await world.redis.set(capabilityKey(world), 'on');
    await eventually(async () => {
      const { answer } = await world.push({ openid: openidOf(61), text: 'slow 2500 known' });
      expect(answer?.kind).toBe('success');
    });
    await eventually(() => expect(world.sent().map(({ text }) => text)).toContain('done known'));
    expect(calls(gateway).filter(([path]) => path === TYPING).length).toBeGreaterThan(1);
    expect(await world.redis.get(capabilityKey(world))).toBe('on');
  });

  test('may do all that it does where its key is allowed "worker"', async (t) => {
    const { world, startGateway, startWorker, close } = await createWorldBehind(
      [{ name: 'worker', allow: ['worker'] }],
      { ...AUTO, simulator: { agents: ['kf1@gh'] } },
    );
    t.onTestFinished(close);
    const [gateway] = await Promise.all([startGateway(), startWorker(), world.start('receiver')]);
    const replies: string[] = [];
    for (const [n, text] of ['slow 1500 a', 'picture bytes', 'human'].entries()) {
      const openid = openidOf(62 + n);
      const { answer } = await world.push({ openid, text });
      if (answer?.kind === 'reply') replies.push(openid);
    }
    await eventually(() => expect(world.simulator.state().sessions).toHaveLength(1));
    // Whoever asked before the account was known may have his answer as the reply.
    const sent = () => world.simulator.state().messages.map(({ openid }) => openid);
    await eventually(() => expect([...replies, ...sent()].sort()).toEqual([62, 63, 64].map(openidOf)));
    await eventually(() =>
      expect(new Set(calls(gateway).map(([path]) => path))).toEqual(
        new Set([
          SEND,
          TYPING,
          '/cgi-bin/media/upload',
          '/cgi-bin/customservice/getonlinekflist',
          '/customservice/kfsession/create',
        ]),
      ),
    );
    expect(new Set(calls(gateway).map(([, status]) => status))).toEqual(new Set([200]));
  });
});

describe.skipIf(!inject('realRedis'))('a gateway killed under load', () => {
  test('loses no answer: all arrive at least once, and what arrives twice was named in doubt', async (t) => {
    const { world, startGateway, startWorker, close } = await createWorldBehind();
    t.onTestFinished(close);
    let gateway = await startGateway();
    const [worker] = await Promise.all([startWorker(), world.start('receiver')]);
    const COUNT = 300;
    // Answers take their time, so that each kill meets many of them on their way.
    const slow = { path: SEND, delayMs: 40, effect: true, times: COUNT * 2 };
    await fetch(`${world.simulator.url}/simulator/fault`, { method: 'POST', body: JSON.stringify(slow) });
    const pushed = pushAll(world, 1000, COUNT, 'slow 5 load');
    for (const at of [40, 120, 200]) {
      await eventually(() => expect(world.sent().length).toBeGreaterThan(at));
      gateway.kill('SIGKILL');
      await gateway.ended;
      await sleep(300);
      gateway = await startGateway();
    }
    const pushes = await pushed;
    const arrived = () => world.sent().map(({ openid }) => openid);
    await eventually(() => expect(new Set(arrived()).size).toBe(COUNT), 90_000);
    const twice = new Set(arrived().filter((openid, at, all) => all.indexOf(openid) !== at));
    const named = worker.events('send.failed').map(({ key }) => String(key));
    for (const openid of twice) {
      const [, msgId] = /<MsgId>(\d+)</.exec(pushes[Number(openid.slice(5)) - 1000]?.xml ?? '') ?? [];
      expect(msgId).toBeTruthy();
      expect(named.filter((key) => key.includes(`-${msgId}.`))).not.toEqual([]);
    }
    expect(named.length).toBeGreaterThan(0);
    expect(worker.events('push.given_up')).toHaveLength(0);
  }, 180_000);
});
