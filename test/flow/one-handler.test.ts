// One handler on any account: its answer is the passive reply where it comes in time, is sent where the account may send,
// and waits for the user's next push where it may not.
import { describe, type TestContext, test } from 'vitest';
import { newOpenid } from '../../src/simulator/push-xml.ts';
import { eventually } from '../helpers/eventually.ts';
import { createHeldWorld, shareWorld, untilSettled, userIn, type World } from '../helpers/world.ts';

const openidOf = (n: number) => `oHandler${String(n).padStart(20, '0')}`;

async function open(t: TestContext, options: Parameters<typeof createHeldWorld>[0] = {}): Promise<World> {
  const world = await createHeldWorld(options);
  t.onTestFinished(() => world.close());
  await Promise.all([world.start('receiver'), world.start('worker')]);
  return world;
}

/** What the follower reads as the reply to his push. */
async function read(world: World, openid: string, text: string): Promise<string> {
  const { answer, attempts } = await world.push({ openid, text });
  if (answer?.kind === 'fault') return `fault: ${JSON.stringify(attempts)}`;
  return /<Content><!\[CDATA\[([\s\S]*)\]\]><\/Content>/.exec(attempts.at(-1)?.body ?? '')?.[1] ?? 'success';
}

const sentTo = (world: World, openid: string) =>
  world
    .sent()
    .filter((sent) => sent.openid === openid)
    .map(({ text }) => text);

const prefixOf = (world: World) => `{${world.env['WXRELAY_PREFIX']}:0}`;

/** What is parked for a follower. */
const parkedFor = async (world: World, openid: string) =>
  world.redis.lrange(`${prefixOf(world)}:parked:${await userIn(world, openid)}`, 0, -1);

describe('with wait, on an account that may send', { concurrent: true, timeout: 90_000 }, () => {
  const world = shareWorld(() => createHeldWorld({ simulator: { counted: false } }));

  test('an answer in time is the passive reply and is not sent; reply is not said', async (t) => {
    t.expect(await read(world(), openidOf(1), 'wait 500 a')).toBe('answer a');
    await untilSettled(world(), openidOf(1));
    t.expect(sentTo(world(), openidOf(1))).toEqual([]);
  });

  test('an answer that is late is sent, after reply was said', async (t) => {
    t.expect(await read(world(), openidOf(2), 'wait 4000 b')).toBe('reply b');
    await eventually(() => t.expect(sentTo(world(), openidOf(2))).toEqual(['answer b']));
  });

  test('where there is nothing to say reply is said at once', async (t) => {
    t.expect(await read(world(), openidOf(3), 'wait 10 nothing')).toBe('reply nothing');
  });

  test('three at once and in a row are each answered once, in order', async (t) => {
    const openid = openidOf(5);
    const replies = await Promise.all(['d1', 'd2', 'd3'].map((label) => read(world(), openid, `wait 1200 ${label}`)));
    await untilSettled(world(), openid);
    const said = replies.filter((text) => text.startsWith('answer'));
    await eventually(() => t.expect(said.length + sentTo(world(), openid).length).toBe(3));
    t.expect([...said, ...sentTo(world(), openid)].sort()).toEqual(['answer d1', 'answer d2', 'answer d3']);
  });
});

describe.concurrent('with wait, where a process is missing', { timeout: 90_000 }, () => {
  test('without a worker nobody waits: reply is said at once, and the answer is sent when one comes', async (t) => {
    const world = await createHeldWorld();
    t.onTestFinished(() => world.close());
    await world.start('receiver');
    t.expect(await read(world, openidOf(4), 'wait 10 c')).toBe('reply c');
    await world.start('worker');
    await eventually(() => t.expect(sentTo(world, openidOf(4))).toEqual(['answer c']));
  });

  test('the worker killed while the push is held: reply is said, and the answer is delivered once by the next worker', async (t) => {
    const world = await createHeldWorld();
    t.onTestFinished(() => world.close());
    const [, worker] = await Promise.all([world.start('receiver'), world.start('worker')]);
    const reading = read(world, openidOf(6), 'wait 1500 e');
    await eventually(() => t.expect(world.runs('start')).toHaveLength(1));
    worker.kill('SIGKILL');
    t.expect(await reading).toBe('reply e');
    await world.start('worker');
    await eventually(() => t.expect(sentTo(world, openidOf(6))).toEqual(['answer e']), 60_000);
  });

  test('the receiver killed while the push is held: WeChat repeats it, and the answer arrives once', async (t) => {
    const world = await createHeldWorld({ simulator: { pauseMs: 1500 } });
    t.onTestFinished(() => world.close());
    const [receiver] = await Promise.all([world.start('receiver'), world.start('worker')]);
    const reading = read(world, openidOf(7), 'wait 2500 f');
    await eventually(() => t.expect(world.runs('start')).toHaveLength(1));
    receiver.kill('SIGKILL');
    await receiver.ended;
    await world.start('receiver');
    const reply = await reading;
    await untilSettled(world, openidOf(7));
    await eventually(() =>
      t.expect([reply, ...sentTo(world, openidOf(7))].filter((text) => text === 'answer f')).toHaveLength(1),
    );
  });
});

describe('on an account that may not send', { concurrent: true, timeout: 120_000 }, () => {
  const off = { WECHAT_CUSTOMER_SERVICE: 'off', WECHAT_APP_SECRET: '' };
  const world = shareWorld(() => createHeldWorld({ env: off }));

  test('an answer within five seconds is the passive reply; nothing is asked of the API', async (t) => {
    t.expect(await read(world(), openidOf(11), 'slow 1000 a')).toBe('done a');
    await untilSettled(world(), openidOf(11));
    t.expect(world().simulator.state().calls).toEqual({});
  });

  test('of a handler that has both the answer is said, and reply is not: the follower writes once', async (t) => {
    t.expect(await read(world(), openidOf(10), 'both y')).toBe('answer y');
  });

  test('one that takes longer is the reply to WeChat’s repeat of the push', async (t) => {
    t.expect(await read(world(), openidOf(12), 'slow 7000 b')).toBe('done b');
    await untilSettled(world(), openidOf(12));
    t.expect(
      world()
        .runs('start')
        .filter((line) => line.startsWith('start b ')),
    ).toHaveLength(1);
  });

  test.for([
    ['with the answer to the next question', 'slow 500 d', '（之前的回答）\ndone c\n\ndone d'],
    ['with a quick reply', 'hi', "（之前的回答）\ndone c\n\nHi, I'm here."],
    ['with a push that nobody takes', 'what is this', '（之前的回答）\ndone c'],
    ['on 继续', '继续', '（之前的回答）\ndone c'],
  ] as const)('one that takes too long is parked, and comes %s', async ([, text, expected], t) => {
    const openid = newOpenid();
    t.expect(await read(world(), openid, 'slow 16000 c')).toContain('正在处理');
    await eventually(async () => t.expect(await parkedFor(world(), openid)).toHaveLength(1));
    t.expect(await read(world(), openid, text)).toBe(expected);
    await eventually(async () => t.expect(await parkedFor(world(), openid)).toEqual([]));
    t.expect(await read(world(), openid, '继续')).toBe('success');
  });

  test('a long answer is read in pieces with 继续, and nothing of it is lost', async (t) => {
    const openid = openidOf(17);
    const whole = Array.from({ length: 1200 }, (_, n) => `第${n}句话。`).join('');
    let text = await read(world(), openid, 'long 1200');
    let seen = '';
    for (let n = 0; n < 30; n++) {
      t.expect(Buffer.byteLength(text)).toBeLessThanOrEqual(2048);
      const more = /\s*回复「继续」看下一条$/;
      seen += text.replace(more, '');
      if (!more.test(text)) break;
      text = await read(world(), openid, '继续');
    }
    t.expect(seen.replace(/\s/g, '')).toBe(whole);
  });

  test('at most WXRELAY_MAX_HELD pushes a minute run past their first attempt', async (t) => {
    const one = await open(t, { env: { ...off, WXRELAY_MAX_HELD: '1' } });
    const results = await Promise.all([18, 19, 20].map((n) => one.push({ openid: openidOf(n), text: 'slow 6000 f' })));
    const attempts = results.map((result) => result.attempts.length).sort();
    t.expect(attempts).toEqual([1, 1, 2]);
  });
});

describe.concurrent('on an account that nobody knows yet', { timeout: 120_000 }, () => {
  const AUTO = { WECHAT_CUSTOMER_SERVICE: 'auto' };

  test('the very first push is answered although the account may not send', async (t) => {
    const world = await open(t, { env: AUTO, simulator: { verified: false } });
    t.expect(await read(world, openidOf(31), 'slow 1500 a')).toBe('done a');
    await eventually(async () =>
      t.expect(await world.redis.get(`{${world.env['WXRELAY_PREFIX']}:wx0123456789abcdef}:capability`)).toBe('passive'),
    );
  });

  test('so it is with a wrong secret', async (t) => {
    const world = await open(t, { env: { ...AUTO, WECHAT_APP_SECRET: 'wrong' } });
    t.expect(await read(world, openidOf(32), 'slow 1500 b')).toBe('done b');
  });

  // An address that is not on the list, a secret as some servers word it, an account that is blocked.
  test.for([40164, 40001, 50007])('and where the token is refused with %i', async (errcode, t) => {
    const world = await open(t, { env: AUTO });
    await fetch(`${world.simulator.url}/simulator/fault`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ path: '/cgi-bin/stable_token', times: 100, errcode }),
    });
    t.expect(await read(world, openidOf(33), 'slow 1500 c')).toBe('done c');
    await eventually(async () =>
      t
        .expect(await world.redis.get(`{${world.env['WXRELAY_PREFIX']}:wx0123456789abcdef}:capability`))
        .toBe('unusable'),
    );
  });

  test('one that may send is learnt with the first push, and the push is let go', async (t) => {
    const world = await open(t, { env: AUTO });
    t.expect(await read(world, openidOf(34), 'slow 3000 d')).toBe('success');
    await eventually(() => t.expect(sentTo(world, openidOf(34))).toEqual(['done d']));
    t.expect(await read(world, openidOf(35), 'slow 10 e')).toBe('success');
    await eventually(() => t.expect(sentTo(world, openidOf(35))).toEqual(['done e']));
  });
});
