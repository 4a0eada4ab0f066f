import { describe, expect, test } from 'vitest';
import { composeWeChat } from '../../src/api/client.ts';
import { guardHttp } from '../../src/api/guard.ts';
import { createApiPauses, readApiPauses } from '../../src/store/api-pauses.ts';
import { type Process, useTokens } from './token-harness.ts';

const SEND = '/cgi-bin/message/custom/send';
const send = { method: 'POST', path: SEND, json: {} } as const;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const world = useTokens();

/** Two processes that share what they know, and a clock; it begins at noon in China. */
function startTwo() {
  let clock = Date.UTC(2026, 0, 5, 4);
  const now = () => clock;
  const start = () => {
    const one: Process = world.startProcess({ now });
    const paused: string[] = [];
    const http = guardHttp({
      http: one.http,
      pauses: createApiPauses(one.redis, world.tag),
      tokens: one.tokens,
      log: one.log,
      onPause: (api, errcode) => paused.push(`${api} ${errcode}`),
      now,
    });
    return { ...one, http, paused };
  };
  return { one: start(), two: start(), now, pass: (ms: number) => (clock += ms) };
}
const answer = (errcode: number, errmsg = '') => world.server.answerWith(() => ({ errcode, errmsg }));
const calls = () => world.server.calls.length;

describe('a quota of the day that is used up (45009)', () => {
  test('ends the calls of that API in all processes until midnight in China, and of no other API', async () => {
    const { one, two, now, pass } = startTwo();
    answer(45009, 'reach max api daily quota limit');
    await expect(one.http.call(send)).rejects.toMatchObject({ errcode: 45009, retryAt: now() + HOUR });
    for (const { http } of [one, two, one, two])
      await expect(http.call(send)).rejects.toMatchObject({ name: 'ApiError', errcode: 45009, api: SEND });
    expect(calls()).toBe(1);
    expect(await readApiPauses(one.redis, world.tag, now())).toEqual([
      { api: SEND, errcode: 45009, since: now(), until: Date.UTC(2026, 0, 5, 16), checkAt: now() + HOUR },
    ]);
    expect([...one.paused, ...two.paused]).toEqual([`${SEND} 45009`]);
    answer(0);
    await two.http.call({ ...send, path: '/cgi-bin/menu/get' });
    pass(12 * HOUR);
    await one.http.call(send);
    expect(await readApiPauses(one.redis, world.tag, now())).toEqual([]);
  });

  test('is looked at once an hour by one call, which ends the pause where the quota is back', async () => {
    const { one, two, pass } = startTwo();
    answer(45009);
    const all = () => Promise.allSettled([one, two, one, two].map(({ http }) => http.call(send)));
    await all();
    const first = calls();
    pass(HOUR + 1);
    await all();
    expect(calls()).toBe(first + 1);
    pass(30 * MINUTE);
    await all();
    expect(calls()).toBe(first + 1);
    answer(0);
    pass(30 * MINUTE + 1);
    await all();
    expect(calls()).toBe(first + 2);
    pass(2000);
    await all();
    expect((await all()).map(({ status }) => status)).toEqual(Array(4).fill('fulfilled'));
    expect([...one.paused, ...two.paused]).toEqual([`${SEND} 45009`]);
  });
});

describe('a quota that is cleared', () => {
  const MENU = '/cgi-bin/menu/get';
  /** Two APIs rest, then WeChat has begun their day anew. */
  async function rested() {
    const both = startTwo();
    answer(45009);
    await Promise.allSettled(
      [both.one, both.two].flatMap(({ http }) => [SEND, MENU].map((path) => http.call({ ...send, path }))),
    );
    answer(0);
    const wechat = composeWeChat({
      http: both.one.http,
      tokens: { get: async () => 'T', replace: async () => 'T' },
      ...KEYS,
    });
    const paused = async () => (await readApiPauses(both.one.redis, world.tag, both.now())).map(({ api }) => api);
    return { ...both, wechat, paused };
  }
  const KEYS = { appId: 'wx0123456789abcdef', appSecret: 'test-app-secret-0123456789' };

  test('for one API ends the pause of that one, in all processes', async () => {
    const { one, two, wechat, pass, paused } = await rested();
    await wechat.quota.clear(SEND);
    expect(await paused()).toEqual([MENU]);
    await one.http.call(send);
    pass(1001);
    await two.http.call(send);
    await expect(one.http.call({ ...send, path: MENU })).rejects.toMatchObject({ errcode: 45009 });
  });

  test.each(['clearAll', 'clearAllBySecret'] as const)('for all of them ends every pause: %s', async (method) => {
    const { one, two, wechat, pass, paused } = await rested();
    await wechat.quota[method]();
    expect(await paused()).toEqual([]);
    pass(1001);
    for (const { http } of [one, two]) for (const path of [SEND, MENU]) await http.call({ ...send, path });
  });

  test('in vain changes nothing', async () => {
    const { wechat, paused } = await rested();
    answer(48006);
    await expect(wechat.quota.clearAll()).rejects.toMatchObject({ errcode: 48006 });
    expect(await paused()).toEqual([MENU, SEND]);
  });
});

describe('too many calls in a minute (45011)', () => {
  const restOf = async (pausedBy: ReturnType<typeof startTwo>) => {
    const error = await pausedBy.one.http.call(send).catch((thrown) => thrown);
    expect(error).toMatchObject({ errcode: 45011 });
    return error.retryAt - pausedBy.now();
  };

  test('rest for some seconds in all processes, longer each time, up to a minute', async () => {
    const both = startTwo();
    answer(45011);
    const rests: number[] = [];
    for (let i = 0; i < 6; i++) {
      rests.push(await restOf(both));
      const before = calls();
      await expect(both.two.http.call(send)).rejects.toMatchObject({ errcode: 45011 });
      expect(calls()).toBe(before);
      both.pass(rests.at(-1)! + 1001);
    }
    expect(rests[0]).toBeGreaterThanOrEqual(5000);
    expect(rests[0]).toBeLessThanOrEqual(7500);
    expect(rests[1]).toBeGreaterThanOrEqual(10_000);
    expect(rests[5]).toBe(60_000);
    answer(0);
    await both.one.http.call(send);
  });

  test('count once where they were answered together', async () => {
    const both = startTwo();
    answer(45011);
    await Promise.allSettled(Array.from({ length: 10 }, () => both.one.http.call(send)));
    expect(calls()).toBe(10);
    expect([...both.one.paused, ...both.two.paused]).toHaveLength(1);
    expect((await readApiPauses(both.one.redis, world.tag, both.now()))[0]?.until).toBeLessThanOrEqual(
      both.now() + 7500,
    );
  });
});

describe('a refusal of the whole account, answered to a call with a good token', () => {
  test('stops all calls, is tried by one process a minute later, and is over when that one is answered', async () => {
    const { one, two, pass } = startTwo();
    const token = await one.tokens.get();
    await two.tokens.get();
    answer(40164, 'invalid ip 203.0.113.7, not in whitelist');
    await expect(one.http.call(send)).rejects.toMatchObject({ errcode: 40164 });
    await expect(one.tokens.get()).rejects.toThrow('put 203.0.113.7 on the IP 白名单');
    pass(61_000);
    answer(0);
    expect(await one.tokens.get()).toBe(token);
    await expect(two.tokens.get()).rejects.toMatchObject({ errcode: 40164 });
    await one.http.call(send);
    expect(one.tokens.unusable).toBeUndefined();
    pass(1001);
    expect(await two.tokens.get()).toBe(token);
    expect(one.events('account.usable')).toHaveLength(1);
  });

  test('is not what 40013 in a call means: it may be about a mini-program', async () => {
    const { one } = startTwo();
    await one.tokens.get();
    answer(40013);
    await expect(one.http.call(send)).rejects.toMatchObject({ errcode: 40013 });
    expect(one.tokens.unusable).toBeUndefined();
  });
});
