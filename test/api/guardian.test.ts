import { describe, expect, inject, test } from 'vitest';
import { ApiError } from '../../src/api/errors.ts';
import { createMemoryCache } from '../../src/api/memory-cache.ts';
import type { TokenCache, TokenOptions } from '../../src/api/token.ts';
import { readTokenFacts } from '../../src/store/token-cache.ts';
import { eventually } from '../helpers/eventually.ts';
import { HOUR, type Process, useTokens } from './token-harness.ts';

const world = useTokens();
const { issue, fetches, startProcess } = world;
const start = (count: number, options: Partial<TokenOptions> = {}) =>
  Array.from({ length: count }, () => startProcess(options)) as [Process, Process, ...Process[]];
const facts = ({ redis }: Process, now = Date.now()) => readTokenFacts(redis, world.tag, now);
const forced = () => fetches().filter(({ body }) => JSON.parse(body).force_refresh === true);

describe('force_refresh', () => {
  /** The stable API as WeChat has it: the same token until it is forced, which within 30 s changes nothing. */
  function stableToken() {
    let n = 1;
    world.server.answerWith(({ body }) => {
      if (JSON.parse(body).force_refresh) n++;
      return { access_token: `STABLE-${n}`, expires_in: 7200 };
    });
  }

  /** Refused, given out again, and refused once more. */
  const refuseTwice = async ({ tokens }: Process, token: string) => {
    expect(await tokens.replace(token)).toBe(token);
    return tokens.replace(token, true);
  };

  test('is asked for where a token that was refused is given out again and still fails, and there alone', async () => {
    stableToken();
    const [one, two] = start(2);
    const old = await one.tokens.get();
    expect(await one.tokens.replace(old)).toBe(old);
    expect(forced()).toHaveLength(0);
    expect(await one.tokens.replace(old, true)).toBe('STABLE-2');
    expect(await two.tokens.replace(old)).toBe('STABLE-2');
    expect(await two.tokens.replace(old, true)).toBe('STABLE-2');
    expect(forced()).toHaveLength(1);
    expect(await facts(one)).toMatchObject({ fetchesToday: 4, forcesToday: 1, diedEarly: [] });
  });

  test('is not asked for at one complaint, however many processes bring it: the token that came back serves all', async () => {
    stableToken();
    let clock = Date.now();
    const many = start(3, { now: () => clock }) as Process[] as [Process, Process, Process];
    const token = await many[0].tokens.get();
    await Promise.all(many.map(({ tokens }) => tokens.get()));
    for (const { tokens } of [...many, ...many]) expect(await tokens.replace(token)).toBe(token);
    expect(fetches()).toHaveLength(2);
    // Said again later, by somebody who proves nothing, it counts; long after that it is a first one again.
    clock += 5001;
    expect(await many[1].tokens.replace(token)).toBe('STABLE-2');
    expect(forced()).toHaveLength(1);
    expect(await many[2].tokens.replace('STABLE-2')).toBe('STABLE-2');
    clock += 601_000;
    expect(await many[2].tokens.replace('STABLE-2')).toBe('STABLE-2');
    expect(forced()).toHaveLength(1);
    expect(many.flatMap(({ events }) => events('token.dies_early'))).toEqual([]);
  });

  test('is not what a different token needs', async () => {
    const [one] = start(1);
    await one.tokens.replace(await one.tokens.get());
    expect(fetches()).toHaveLength(2);
    expect(forced()).toHaveLength(0);
  });

  test('is not what the wish for a fresh token needs: nobody has refused the old one', async () => {
    stableToken();
    const [one] = start(1);
    await one.tokens.get();
    expect(await one.tokens.refresh()).toBe('STABLE-1');
    expect(forced()).toHaveLength(0);
  });

  test('is not asked for twice within 30 s, by whichever process: until then the token that is given out stands', async () => {
    stableToken();
    let clock = Date.now();
    const [one, two] = start(2, { now: () => clock });
    const second = await refuseTwice(one, await one.tokens.get());
    expect(await refuseTwice(two, second)).toBe(second);
    const before = fetches().length;
    clock += 2000;
    for (const { tokens } of [one, two, startProcess({ now: () => clock })]) {
      expect(await tokens.get()).toBe(second);
      expect(await tokens.replace(second)).toBe(second);
      expect(await tokens.replace(second, true)).toBe(second);
      expect(tokens.unusable).toBeUndefined();
    }
    expect(fetches()).toHaveLength(before);
    expect(forced()).toHaveLength(1);
    clock += 31_000;
    expect(await two.tokens.replace(second, true)).toBe('STABLE-3');
    expect(await one.tokens.replace(second)).toBe('STABLE-3');
    expect(forced()).toHaveLength(2);
    expect([one, two].flatMap(({ events }) => events('account.unusable'))).toEqual([]);
  });

  test('is asked for 20 times a day at most, also by processes that start anew', async () => {
    stableToken();
    // Noon in China: the day does not end in between.
    let clock = Date.UTC(2026, 0, 5, 4);
    const now = () => clock;
    for (let i = 0; i < 20; i++) {
      const [one] = start(1, { now });
      await refuseTwice(one, await one.tokens.get());
      clock += 31_000;
    }
    expect(forced()).toHaveLength(20);
    const [one] = start(1, { now });
    expect(await refuseTwice(one, 'STABLE-21')).toBe('STABLE-21');
    expect(forced()).toHaveLength(20);
    expect((await facts(one, clock)).forcesToday).toBe(20);
    clock += 13 * HOUR;
    expect(await refuseTwice(one, await one.tokens.get())).toBe('STABLE-22');
    expect(forced()).toHaveLength(21);
  });

  test('that WeChat refuses, for another program has used it up, changes nothing', async () => {
    world.server.answerWith(({ body }) =>
      JSON.parse(body).force_refresh
        ? { errcode: 45009, errmsg: 'reach max api daily quota limit' }
        : { access_token: 'STABLE', expires_in: 7200 },
    );
    const [one] = start(1);
    expect(await refuseTwice(one, await one.tokens.get())).toBe('STABLE');
    expect(forced()).toHaveLength(1);
    expect(one.tokens.unusable).toBeUndefined();
    expect(await one.tokens.get()).toBe('STABLE');
  });

  test('does not exist at the legacy API', async () => {
    world.server.answerWith(() => ({ access_token: 'ALWAYS', expires_in: 7200 }));
    const [one] = start(1, { api: 'legacy' });
    expect(await refuseTwice(one, await one.tokens.get())).toBe('ALWAYS');
    expect(fetches()).toHaveLength(3);
    expect(fetches().every(({ query }) => !query.has('force_refresh'))).toBe(true);
  });

  test.each([
    ['in memory', createMemoryCache],
    ['that remembers no more than a token', () => forgetful(createMemoryCache())],
  ])('is asked for also with a cache %s', async (_, createCache) => {
    stableToken();
    const [one] = start(1, { cache: createCache() });
    expect(await refuseTwice(one, await one.tokens.get())).toBe('STABLE-2');
  });
});

/** As somebody may have written one who keeps tokens in a store of his own. */
const forgetful = (cache: TokenCache): TokenCache => ({
  ...cache,
  write: ({ standsUntil: _, ...token }) => cache.write(token),
});

describe('tokens that die early', () => {
  test('are reported from the second on, with their times: another program uses this AppSecret', async () => {
    let clock = Date.now();
    const [one, two] = start(2, { now: () => clock });
    const first = await one.tokens.get();
    const second = await one.tokens.replace(first);
    expect(one.events('token.dies_early')).toHaveLength(0);
    // A late error with a token that is gone already is no death.
    await two.tokens.replace(first);
    clock += 120_000;
    await two.tokens.replace(second);
    const times = [clock - 120_000, clock].map((at) => new Date(at).toISOString());
    expect(two.events('token.dies_early')).toEqual([
      expect.objectContaining({ times, advice: expect.stringContaining('another program uses this AppSecret') }),
    ]);
    expect(one.events('token.dies_early')).toHaveLength(0);
    expect((await facts(one)).diedEarly).toHaveLength(2);
  });

  test('are counted once, however many processes are told of the same death', async () => {
    const begun = Date.now();
    const many = start(3, { now: () => begun + (Date.now() - begun) * 40 });
    const token = await many[0].tokens.get();
    world.server.answerWith((_, response) => void response.writeHead(502).end());
    for (const { tokens } of many) await expect(tokens.replace(token)).rejects.toThrow('did not answer');
    expect((await facts(many[0])).diedEarly).toHaveLength(1);
    expect(many.flatMap(({ events }) => events('token.dies_early'))).toEqual([]);
  });

  test('are not those that were due to be refreshed, nor two that are hours apart', async () => {
    let clock = Date.now();
    const [one] = start(1, { now: () => clock });
    let token = await one.tokens.get();
    for (const hours of [1.9, 1.9, 1]) {
      clock += hours * HOUR;
      token = await one.tokens.replace(token);
    }
    clock += HOUR;
    await one.tokens.replace(token);
    expect(one.events('token.dies_early')).toHaveLength(0);
  });
});

describe('an account that is refused', () => {
  const refusal = {
    errcode: 40164,
    errmsg: 'invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 1-2-3',
  };

  // The stand-in in memory is slower than a process waits for what others know.
  test.skipIf(!inject('realRedis'))(
    'is asked for no token for a minute, then by one process, until it works again',
    async () => {
      world.server.answerWith(() => refusal);
      let clock = Date.now();
      const many = start(3, { now: () => clock });
      const all = () => Promise.allSettled([...many, ...many].map(({ tokens }) => tokens.get()));
      for (const outcome of await all())
        expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'ApiError', errcode: 40164 } });
      expect(fetches()).toHaveLength(1);
      clock += 50_000;
      await all();
      expect(fetches()).toHaveLength(1);
      clock += 11_000;
      await all();
      expect(fetches()).toHaveLength(2);
      expect(many[1].tokens.unusable).toMatchObject({ errcode: 40164, since: clock - 61_000 });

      world.server.answerWith(issue);
      clock += 61_000;
      expect(new Set((await all()).map((outcome) => (outcome as { value?: string }).value))).toEqual(
        new Set([world.newest()]),
      );
      expect(many.map(({ tokens }) => tokens.unusable)).toEqual([undefined, undefined, undefined]);
      expect(fetches()).toHaveLength(3);
      const levels = many.flatMap(({ lines }) => lines).map(({ level, event }) => `${level} ${event}`);
      expect(levels.filter((line) => line.includes('account.'))).toEqual(
        expect.arrayContaining(['50 account.unusable', '20 account.still_unusable', '30 account.usable']),
      );
      expect(levels.filter((line) => /^50 /.test(line))).toHaveLength(1);
      expect(levels.filter((line) => line === '30 account.usable')).toHaveLength(1);
    },
  );

  test('says which IP to put on the list, and where, in the log, in the error and to whoever asks', async () => {
    world.server.answerWith(() => refusal);
    const [one, two] = start(2);
    const advice =
      'put 203.0.113.7 on the IP 白名单 at 微信开发者平台 → 我的业务 → 公众号/服务号 → 基础信息 → 开发密钥（原：设置与开发 → 基本配置）';
    await expect(one.tokens.get()).rejects.toThrow(advice);
    await expect(two.tokens.get()).rejects.toThrow(advice);
    expect(one.events('account.unusable')).toEqual([
      expect.objectContaining({
        advice,
        advice_zh:
          '请把 203.0.113.7 加入 IP 白名单：微信开发者平台 → 我的业务 → 公众号/服务号 → 基础信息 → 开发密钥（原：设置与开发 → 基本配置）',
        rid: '1-2-3',
      }),
    ]);
    expect(two.tokens.unusable?.advice.en).toBe(advice);
    expect((await facts(two)).lastError).toMatchObject({ errcode: 40164, message: expect.stringContaining(advice) });
  });

  test.each([40125, 40013, 40243, 89503, 89506, 89507, 61004, 50007])('%i is such a refusal', async (errcode) => {
    world.server.answerWith(() => ({ errcode, errmsg: 'no' }));
    const [one] = start(1);
    await expect(one.tokens.get()).rejects.toMatchObject({ errcode });
    await expect(one.tokens.get()).rejects.toMatchObject({ errcode });
    expect(fetches()).toHaveLength(1);
    expect(one.tokens.unusable).toMatchObject({ errcode });
  });

  test('is asked for no token for a minute each time, by a program that is one process, too', async () => {
    world.server.answerWith(() => ({ errcode: 40125, errmsg: 'invalid appsecret' }));
    let clock = Date.now();
    const [one] = start(1, { cache: createMemoryCache(), now: () => clock });
    const ask = () => expect(one.tokens.get()).rejects.toMatchObject({ errcode: 40125 });
    for (let minute = 1; minute <= 3; minute++) {
      for (let n = 0; n < 5; n++) {
        await ask();
        clock += 2000;
      }
      expect(fetches()).toHaveLength(minute);
      clock += 60_000;
    }
    expect(one.tokens.unusable).toMatchObject({ errcode: 40125, since: clock - 3 * 70_000 });
  });

  test('while its old token still serves goes on with that one', async () => {
    let clock = Date.now();
    const [one] = start(1, { now: () => clock });
    const old = await one.tokens.get();
    world.server.answerWith(() => refusal);
    clock += 1.85 * HOUR;
    expect(await one.tokens.get()).toBe(old);
    await eventually(() => expect(one.events('token.failed')).toHaveLength(1));
    expect(await one.tokens.get()).toBe(old);
    expect(one.tokens.unusable).toBeUndefined();
  });

  test('is tried at once where somebody asks for it', async () => {
    world.server.answerWith(() => refusal);
    const [one, two] = start(2);
    await expect(one.tokens.get()).rejects.toThrow();
    world.server.answerWith(issue);
    expect(await two.tokens.refresh()).toBe(world.newest());
    expect(two.events('account.usable')).toHaveLength(1);
  });

  test('for another API than the token’s may be tried at once by all, where somebody asks for it', async () => {
    let clock = Date.now();
    const [one, two] = start(2, { now: () => clock });
    await one.tokens.get();
    await one.tokens.heard(new ApiError('/cgi-bin/message/custom/send', 40164, refusal.errmsg));
    await expect(one.tokens.get()).rejects.toMatchObject({ errcode: 40164 });
    expect(await two.tokens.refresh()).toBe(world.newest());
    expect(two.tokens.unusable).toMatchObject({ errcode: 40164 });
    clock += 1001;
    expect(await one.tokens.get()).toBe(world.newest());
    await one.tokens.heard(undefined);
    expect(one.events('account.usable')).toHaveLength(1);
  });
});

test('a token endpoint that fails once is asked once more, for all who wait, and says so in the facts', async () => {
  let asked = 0;
  world.server.answerWith((call, response) => {
    if (asked++ > 0) return issue(call, response);
    setTimeout(() => response.writeHead(502).end(), 500);
    return undefined;
  });
  const many = start(4);
  expect(new Set(await Promise.all(many.map(({ tokens }) => tokens.get())))).toEqual(new Set([world.newest()]));
  expect(asked).toBe(2);
  expect(await facts(many[0])).toMatchObject({
    fetchesToday: 2,
    lastError: { message: '/cgi-bin/stable_token did not answer: HTTP 502' },
  });
});
