// A user who asks three questions, the second and the third while the first one is being answered: what he reads, in the
// order in which he reads it, on each kind of account and for each `whenBusy`.
import { describe, expect, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { createHeldWorld, shareWorld, type World } from '../helpers/world.ts';

const HANDLERS = new URL('../fixtures/questions.mjs', import.meta.url).pathname;
const OFF = { WECHAT_CUSTOMER_SERVICE: 'off', WECHAT_APP_SECRET: '' };
const POLICIES = ['queue', 'merge', 'latest', 'reject'] as const;
type Policy = (typeof POLICIES)[number];

const openidOf = (policy: Policy) => `oAsks${policy}`.padEnd(28, '0');

/** What the follower reads as the reply to a push. */
async function read(world: World, openid: string, text: string): Promise<string[]> {
  const { answer, attempts } = await world.push({ openid, text });
  if (answer?.kind === 'fault') return [`fault: ${JSON.stringify(attempts)}`];
  const said = /<Content><!\[CDATA\[([\s\S]*)\]\]><\/Content>/.exec(attempts.at(-1)?.body ?? '')?.[1];
  return said === undefined ? [] : [said];
}

/** Asks the three; returns what was read as their replies, in the order in which it came. */
async function ask(world: World, policy: Policy, ms: number): Promise<string[]> {
  const openid = openidOf(policy);
  const replies: string[] = [];
  const put = async (takes: number, label: string) => {
    replies.push(...(await read(world, openid, `${policy} ${takes} ${label}`)));
  };
  const first = put(ms, `${policy}1`);
  await eventually(() => expect(world.runs('start')).toContain(`start ${policy}1`));
  // With `latest` the second one is not to be finished when the third comes.
  const second = put(policy === 'latest' ? ms : 10, `${policy}2`);
  await eventually(async () => expect(await arrived(world, policy)).toBe(2));
  await Promise.all([first, second, put(10, `${policy}3`)]);
  return replies;
}

/** How many of a policy's pushes have been kept or refused so far; each policy has one user. */
async function arrived(world: World, policy: Policy): Promise<number> {
  const keys = await world.redis.keys(`{${world.env['WXRELAY_PREFIX']}:0}:trace:*`);
  const traces = await Promise.all(keys.map((key) => world.redis.lrange(key, 0, -1)));
  const mine = traces.find(([first]) => first?.includes(`accepted text for ${policy}`)) ?? [];
  return mine.filter((line) => / accepted text | rejected: /.test(line)).length;
}

/** The parts that are parked for anybody. */
async function parked(world: World): Promise<number> {
  const keys = await world.redis.keys(`{${world.env['WXRELAY_PREFIX']}:0}:parked:*`);
  const lengths = await Promise.all(keys.map((key) => world.redis.llen(key)));
  return lengths.reduce((sum, length) => sum + length, 0);
}

const sentTo = (world: World, openid: string) =>
  world
    .sent()
    .filter((sent) => sent.openid === openid)
    .map(({ text }) => text);

const openWorld = (options: Parameters<typeof createHeldWorld>[0]) =>
  shareWorld(() => createHeldWorld({ handlers: HANDLERS, simulator: { counted: false }, ...options }));

/** What is read as replies, in their order, and then as messages. */
type Expected = [Policy, string[], string[]];

const REFUSED = 'one at a time, please';

describe.concurrent('on an account that may send', { timeout: 90_000 }, () => {
  const opened = openWorld({});
  test.each<Expected>([
    ['queue', [], ['answer queue1', 'answer queue2', 'answer queue3']],
    ['merge', [], ['answer merge1', 'answer merge2+merge3']],
    ['latest', [], ['answer latest3']],
    ['reject', [REFUSED, REFUSED], ['answer reject1']],
  ])('%s: all is sent, in order', async (policy, replies, messages) => {
    const world = opened();
    expect(await ask(world, policy, 2500)).toEqual(replies);
    await eventually(() => expect(sentTo(world, openidOf(policy))).toEqual(messages));
  });
});

describe.concurrent.each([
  ['that may send, with wait', { env: { QUESTIONS_WAIT: '4000' } }],
  ['that may not send', { env: OFF }],
])('on an account %s', { timeout: 90_000 }, (_, options) => {
  const opened = openWorld(options);
  test.each<Expected>([
    ['queue', ['answer queue1', 'answer queue2', 'answer queue3'], []],
    ['merge', ['answer merge1', 'answer merge2+merge3'], []],
    ['latest', ['answer latest3'], []],
    ['reject', [REFUSED, REFUSED, 'answer reject1'], []],
  ])('%s: each answer in time is the reply to its question, in order', async (policy, replies, messages) => {
    const world = opened();
    expect(await ask(world, policy, 2000)).toEqual(replies);
    expect(sentTo(world, openidOf(policy))).toEqual(messages);
  });
});

describe.concurrent('on an account that may send, with wait, where the first answer is late', {
  timeout: 90_000,
}, () => {
  const opened = openWorld({ env: { QUESTIONS_WAIT: '2500' } });
  test.each<Expected>([
    ['queue', [], ['answer queue1', 'answer queue2', 'answer queue3']],
    ['merge', [], ['answer merge1', 'answer merge2+merge3']],
    ['reject', [REFUSED, REFUSED], ['answer reject1']],
  ])('%s: all is sent, in order', async (policy, replies, messages) => {
    const world = opened();
    expect(await ask(world, policy, 6000)).toEqual(replies);
    await eventually(() => expect(sentTo(world, openidOf(policy))).toEqual(messages));
  });
});

describe('on an account that may not send, where the first answer takes seven seconds', { timeout: 90_000 }, () => {
  const opened = openWorld({ env: OFF });
  // Only the first of a user's pushes is held over WeChat's repeats.
  const FIRST: Record<Policy, string[]> = {
    queue: ['still thinking', 'still thinking', 'answer queue1'],
    merge: ['still thinking', 'still thinking', 'answer merge1'],
    latest: ['answer latest3'],
    reject: [REFUSED, REFUSED, 'answer reject1'],
  };

  test('it is the reply to a repeat; what came too late is the reply to what the user writes next', async () => {
    const world = opened();
    const replies = await Promise.all(
      POLICIES.map(async (policy) => [policy, await ask(world, policy, 7000)] as const),
    );
    expect(Object.fromEntries(replies)).toEqual(FIRST);
    await eventually(async () => expect(await parked(world)).toBe(3));
    expect(await read(world, openidOf('queue'), '继续')).toEqual([
      'earlier:\nanswer queue2\n\nearlier:\nanswer queue3',
    ]);
    expect(await read(world, openidOf('merge'), '继续')).toEqual(['earlier:\nanswer merge2+merge3']);
    expect(await parked(world)).toBe(0);
  });
});
