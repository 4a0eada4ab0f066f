import { inspect } from 'node:util';
import { describe, expect, inject, test } from 'vitest';
import { composeWeChat } from '../../src/api/client.ts';
import { NetworkError } from '../../src/api/errors.ts';
import type { TokenOptions } from '../../src/api/token.ts';
import { createTokenCache } from '../../src/store/token-cache.ts';
import { eventually } from '../helpers/eventually.ts';
import { createDarkProxy } from '../receiver/dark-proxy.ts';
import { type Answering, type Call, NO_ANSWERS } from './server.ts';
import { APP_ID, HOUR, SECRET, useTokens } from './token-harness.ts';

const SEND = '/cgi-bin/message/custom/send';

const world = useTokens();
const { issue, fetches, inRedis, startProcess, newest } = world;
/** A clock so fast that nobody waits long. */
const fast = (times = 40) => {
  const start = Date.now();
  return () => start + (Date.now() - start) * times;
};
const processes = (count: number, options: Partial<TokenOptions> = {}) =>
  Array.from({ length: count }, () => startProcess(options));
const getAll = (list: { tokens: { get(): Promise<string> } }[]) => Promise.all(list.map(({ tokens }) => tokens.get()));

describe('a token', () => {
  test('is asked for with the AppSecret in the body, at the stable API', async () => {
    await startProcess().tokens.get();
    expect(fetches()).toEqual([expect.objectContaining({ method: 'POST', path: '/cgi-bin/stable_token' })]);
    expect(JSON.parse(fetches()[0]?.body ?? '')).toEqual({
      grant_type: 'client_credential',
      appid: APP_ID,
      secret: SECRET,
    });
  });

  test('may come from the legacy API', async () => {
    const { tokens } = startProcess({ api: 'legacy' });
    expect(await tokens.get()).toBe(newest());
    expect(fetches()).toEqual([expect.objectContaining({ method: 'GET', path: '/cgi-bin/token' })]);
    expect(Object.fromEntries(fetches()[0]!.query)).toEqual({
      grant_type: 'client_credential',
      appid: APP_ID,
      secret: SECRET,
    });
  });

  test('is fetched once, however many processes start cold at the same time and however often they ask', async () => {
    const many = processes(8);
    const got = await getAll([...many, ...many, ...many]);
    expect(new Set(got)).toEqual(new Set([newest()]));
    expect(fetches()).toHaveLength(1);
  });

  test('is not fetched again by a process whose turn comes when another has just fetched it', async () => {
    const one = startProcess();
    const cache = createTokenCache(one.redis, world.tag);
    let others: Promise<unknown> | undefined;
    const slow = {
      ...cache,
      async lock() {
        others ??= one.tokens.get();
        await others;
        return cache.lock();
      },
    };
    expect(await startProcess({ cache: slow }).tokens.get()).toBe(await others);
    expect(fetches()).toHaveLength(1);
  });

  test('is taken from Redis by a process that comes later', async () => {
    const token = await startProcess().tokens.get();
    expect(await startProcess().tokens.get()).toBe(token);
    expect(fetches()).toHaveLength(1);
  });

  test('that has expired is fetched again, once', async () => {
    let clock = Date.now();
    const many = processes(3, { now: () => clock });
    await getAll(many);
    clock += 2 * HOUR + 1;
    expect(new Set(await getAll(many))).toEqual(new Set([newest()]));
    expect(fetches()).toHaveLength(2);
  });

  test('is fetched by another process where the one that meant to has died', async () => {
    const one = startProcess();
    await one.redis.set(`${world.tag}:token:lock`, 'the dead', 'PX', 500);
    expect(await one.tokens.get()).toBe(newest());
  });
});

describe('ahead of its expiry', () => {
  /** An hour and three quarters after three processes got their token. */
  async function lateInItsLife() {
    let clock = Date.now();
    const many = processes(3, { now: () => clock });
    const [old] = await getAll(many);
    clock += 1.85 * HOUR;
    return { many, old, pass: (ms: number) => (clock += ms) };
  }

  test('one process fetches the next, and the old one serves all until it is there', async () => {
    const { many, old, pass } = await lateInItsLife();
    let release!: () => void;
    const held = new Promise<void>((done) => {
      release = done;
    });
    world.server.answerWith(async (call, response) => {
      await held;
      return issue(call, response);
    });
    expect(await getAll(many)).toEqual([old, old, old]);
    await eventually(() => expect(fetches()).toHaveLength(2));
    expect(await getAll([...many, ...many])).toEqual(Array(6).fill(old));
    release();
    await eventually(async () => {
      pass(61_000);
      expect(new Set(await getAll(many))).toEqual(new Set([newest()]));
    });
    expect(fetches()).toHaveLength(2);
    expect(many.flatMap(({ outcomes }) => outcomes)).toEqual(['ok', 'ok']);
  });

  test('an endpoint that fails is not asked again and again: the old one serves, and seconds pass between', async () => {
    const { many, old, pass } = await lateInItsLife();
    const [one] = many as [(typeof many)[0]];
    world.server.answerWith((_, response) => void response.writeHead(502).end());
    const failed = (times: number) => eventually(() => expect(one.events('token.failed')).toHaveLength(times));
    const lockIsFree = () => eventually(async () => expect(await one.redis.exists(`${world.tag}:token:lock`)).toBe(0));
    expect(await one.tokens.get()).toBe(old);
    await failed(1);
    await lockIsFree();
    // Each round takes as long as asking once more would.
    for (let i = 0; i < 20; i++) {
      expect(await one.tokens.get()).toBe(old);
      await one.redis.ping();
      await fetch(`${world.server.url}/round`);
    }
    expect(fetches()).toHaveLength(2);
    pass(11_000);
    expect(await one.tokens.get()).toBe(old);
    await failed(2);
    await lockIsFree();
    world.server.answerWith(issue);
    pass(11_000);
    await eventually(async () => expect(await one.tokens.get()).not.toBe(old));
    expect(await one.tokens.get()).toBe(newest());
    expect(fetches()).toHaveLength(4);
  });
});

describe('a token that WeChat refuses', () => {
  /** Refuses every token but the newest, as WeChat does after another program has fetched one. */
  const refuseOld = (call: Call, response: Parameters<Answering>[1]) => {
    if (/token$/.test(call.path)) return issue(call, response);
    const good = call.query.get('access_token') === newest();
    return good
      ? { errcode: 0, errmsg: 'ok' }
      : { errcode: 40001, errmsg: 'invalid credential, access_token is not latest' };
  };
  const call = { method: 'POST', path: SEND, json: { touser: 'o1' } } as const;
  const clients = async (count: number) => {
    const many = processes(count);
    await getAll(many);
    world.server.calls.length = 0;
    return many.map(({ http, tokens }) => composeWeChat({ http, tokens, appId: APP_ID }));
  };

  test('is replaced by one fetch, however many calls in however many processes were refused at once', async () => {
    world.server.answerWith(refuseOld);
    const many = await clients(3);
    world.stolen();
    const answers = await Promise.all([...many, ...many, ...many].map((wechat) => wechat.call(call)));
    expect(answers).toEqual(Array(9).fill({ errcode: 0, errmsg: 'ok' }));
    expect(fetches()).toHaveLength(1);
  });

  test.each([40001, 40014, 42001])(
    'with %i has its call repeated once; then the refusal stands, without a loop',
    async (errcode) => {
      const [wechat] = await clients(1);
      world.server.answerWith((asked, response) =>
        /token$/.test(asked.path) ? issue(asked, response) : { errcode, errmsg: 'no' },
      );
      await expect(wechat!.call(call)).rejects.toMatchObject({ name: 'ApiError', errcode });
      expect(world.server.calls.map(({ path }) => path)).toEqual([SEND, '/cgi-bin/stable_token', SEND]);
    },
  );

  describe('and gives out again', () => {
    /** The stable API, which gives the same token until it is forced; calls are refused as the test says. */
    const stable = (refuses: (token: string | null) => boolean) => {
      let n = 1;
      world.server.answerWith(({ path, query, body }) => {
        if (path === SEND)
          return refuses(query.get('access_token')) ? { errcode: 40001, errmsg: 'no' } : { errcode: 0, errmsg: 'ok' };
        if (JSON.parse(body).force_refresh) n++;
        return { access_token: `STABLE-${n}`, expires_in: 7200 };
      });
    };
    const callNineTimes = async () => {
      const many = await clients(3);
      return Promise.all([...many, ...many, ...many].map((wechat) => wechat.call(call)));
    };
    const forced = () => fetches().filter(({ body }) => JSON.parse(body).force_refresh === true);

    test('serves the calls that were refused by mistake, and is not ended for the others', async () => {
      let mistakes = 0;
      stable(() => ++mistakes <= 9);
      expect(await callNineTimes()).toEqual(Array(9).fill({ errcode: 0, errmsg: 'ok' }));
      expect(fetches()).toHaveLength(1);
    });

    test('and refuses again, is ended by force, once, and each call recovers by itself', async () => {
      stable((token) => token === 'STABLE-1');
      expect(await callNineTimes()).toEqual(Array(9).fill({ errcode: 0, errmsg: 'ok' }));
      expect(forced()).toHaveLength(1);
    });

    test('and again, after it was forced, is not: the refusal stands, and the account is not given up for it', async () => {
      stable(() => true);
      const many = await clients(1);
      for (let n = 0; n < 3; n++)
        await expect(many[0]!.call(call)).rejects.toMatchObject({ api: SEND, errcode: 40001 });
      expect(forced()).toHaveLength(1);
      expect(world.server.calls.length).toBeLessThan(15);
      await many[0]!.warm();
    });
  });

  test.each([48001, 40164, 45015, -1])(
    'is not what %i means: nothing is fetched, nothing repeated',
    async (errcode) => {
      const [wechat] = await clients(1);
      world.server.answerWith(() => ({ errcode, errmsg: 'no' }));
      await expect(wechat!.call(call)).rejects.toMatchObject({ name: 'ApiError', errcode });
      expect(world.server.calls.map(({ path }) => path)).toEqual([SEND]);
    },
  );

  test('long after it was replaced does not end the fresh one', async () => {
    const [one, two] = processes(2) as [ReturnType<typeof startProcess>, ReturnType<typeof startProcess>];
    const old = await one.tokens.get();
    expect(await two.tokens.get()).toBe(old);
    const fresh = await one.tokens.replace(old);
    expect(fresh).not.toBe(old);
    expect(await two.tokens.replace(old)).toBe(fresh);
    expect(await one.tokens.replace(old)).toBe(fresh);
    expect(await one.tokens.get()).toBe(fresh);
    expect(fetches()).toHaveLength(2);
    expect(Number((await inRedis(one.redis))['expiresAt'])).toBeGreaterThan(Date.now());
  });

  test('that nobody has replaced is never given out again', async () => {
    const [one, two] = processes(2, { now: fast() }) as [
      ReturnType<typeof startProcess>,
      ReturnType<typeof startProcess>,
    ];
    const old = await one.tokens.get();
    world.server.answerWith((_, response) => void response.writeHead(502).end());
    await expect(one.tokens.replace(old)).rejects.toThrow('HTTP 502');
    await expect(two.tokens.get()).rejects.toThrow(/HTTP 502|asked again later/);
    world.server.answerWith(issue);
    expect(await two.tokens.get()).not.toBe(old);
  });
});

describe('an endpoint that gives no token', () => {
  const refusals: [string, Answering][] = [
    ...NO_ANSWERS,
    ['an answer without a token', () => ({ expires_in: 7200 })],
    ['a token without an end', () => ({ access_token: 'TOKEN-X' })],
    ['an empty token', () => ({ access_token: '', expires_in: 7200 })],
    [
      '40164, an IP that is not on the list',
      () => ({ errcode: 40164, errmsg: 'invalid ip 1.2.3.4, not in whitelist' }),
    ],
    ['40125, a wrong AppSecret', () => ({ errcode: 40125, errmsg: 'invalid appsecret' })],
  ];

  test.each(refusals.slice(-2))(
    '%s: all who wait are told, no token is kept, and a minute later somebody may ask again',
    async (_, answering) => {
      world.server.answerWith(answering);
      const one = startProcess();
      const [first, second] = await Promise.allSettled([one.tokens.get(), one.tokens.get()]);
      expect(first.status).toBe('rejected');
      expect(second).toEqual(first);
      expect(fetches()).toHaveLength(1);
      expect(await inRedis(one.redis)).toEqual({});
      expect(one.events('account.unusable')).toHaveLength(1);
      expect(one.outcomes).toEqual(['failed']);
      world.server.answerWith(issue);
      expect(await startProcess({ now: () => Date.now() + 61_000 }).tokens.get()).toBe(newest());
    },
  );

  test.each([...refusals.slice(0, -2), ['-1, too busy', () => ({ errcode: -1, errmsg: 'system error' })]] as const)(
    '%s, twice: it is asked again after half a second and a second, by one of all, and all who wait have the token',
    async (_, answering) => {
      const asked: number[] = [];
      world.server.answerWith((call, response) => {
        asked.push(Date.now());
        return asked.length > 2 ? issue(call, response) : answering(call, response);
      });
      const many = processes(3);
      const got = await getAll([...many, ...many]);
      expect(new Set(got)).toEqual(new Set([newest()]));
      const [first = 0, second = 0, third = 0] = asked;
      expect(asked).toHaveLength(3);
      expect([second - first >= 500, third - second >= 1000]).toEqual([true, true]);
      expect(many.flatMap(({ outcomes }) => outcomes).sort()).toEqual(['failed', 'failed', 'ok']);
    },
  );

  test('for long is asked ever more seldom, up to 15 s, all who wait are told, and the first good token ends that', async () => {
    const now = fast();
    const asked: number[] = [];
    world.server.answerWith((_, response) => {
      asked.push(now());
      response.writeHead(502).end();
    });
    const many = processes(3, { now });
    for (const _ of ['once', 'twice', 'three times']) {
      const all = await Promise.allSettled(many.map(({ tokens }) => tokens.get()));
      expect(all.map(({ status }) => status)).toEqual(Array(3).fill('rejected'));
    }
    const pauses = asked.slice(1).map((at, n) => at - (asked[n] ?? 0));
    for (const [n, least] of [500, 1000, 2000, 4000, 8000, 15_000].entries())
      expect(pauses[n] ?? least).toBeGreaterThanOrEqual(least);
    expect(asked.length).toBeLessThan(12);
    world.server.answerWith(issue);
    expect(new Set(await getAll(many))).toEqual(new Set([newest()]));
  });

  test('five hundred times in a day is asked every two minutes: no outage uses up the daily quota', async () => {
    const now = fast(500);
    const [one] = processes(1, { now }) as [ReturnType<typeof startProcess>];
    const cache = createTokenCache(one.redis, world.tag);
    await Promise.all(Array.from({ length: 500 }, () => cache.countFetch(Date.now())));
    const asked: number[] = [];
    world.server.answerWith((_, response) => {
      asked.push(now());
      response.writeHead(502).end();
    });
    while (asked.length < 3) await one.tokens.get().catch(() => undefined);
    for (const [n, at] of asked.slice(1).entries()) expect(at - (asked[n] ?? 0)).toBeGreaterThanOrEqual(120_000);
  });

  test.each<['stable' | 'legacy']>([['stable'], ['legacy']])(
    '%s: neither error nor log shows the AppSecret',
    async (api) => {
      for (const [, answering] of refusals) {
        world.server.answerWith(answering);
        const one = startProcess({ api, now: fast() });
        const error = await one.tokens.get().catch((thrown: Error) => thrown);
        expect(error).toBeInstanceOf(Error);
        expect(inspect(error, { depth: 20, showHidden: true }) + (error as Error).stack).not.toContain(SECRET);
        expect(JSON.stringify(one.lines)).not.toContain(SECRET);
      }
    },
  );

  test('slowly, then none when it is forced, is given up on before the lock could go to another', async () => {
    const [one, two] = processes(2) as [ReturnType<typeof startProcess>, ReturnType<typeof startProcess>];
    const token = await one.tokens.get();
    let open = 0;
    const most: number[] = [];
    world.server.answerWith(async ({ body }, response) => {
      most.push(++open);
      response.once('close', () => open--);
      if (JSON.parse(body).force_refresh) return undefined;
      if (most.length > 1) await new Promise((done) => setTimeout(done, 7000));
      return { access_token: token, expires_in: 7200 };
    });
    expect(await one.tokens.replace(token)).toBe(token);
    const outcomes = Promise.allSettled([one, two].map(({ tokens }) => tokens.replace(token, true)));
    await eventually(() => expect(most).toHaveLength(3), 20_000);
    await outcomes;
    expect(Math.max(...most)).toBe(1);
  });

  test('because it never answers is given up on before the lock could go to another', async () => {
    world.server.answerWith(() => undefined);
    const one = startProcess({ now: fast() });
    const waiting = one.tokens.get();
    waiting.catch(() => undefined);
    await eventually(() => expect(fetches()).toHaveLength(1));
    await expect(waiting).rejects.toBeInstanceOf(NetworkError);
    expect(fetches()).toHaveLength(1);
  });
});

describe('with Redis away', () => {
  /** A process whose way to Redis can go dark. */
  async function withProxy(options: Partial<TokenOptions> = {}) {
    const proxy = await createDarkProxy(inject('redisUrl'));
    world.closing.push(proxy.close);
    return { proxy, one: startProcess({ redisUrl: proxy.url, ...options }) };
  }

  test('the last token serves from memory, without a fetch, also when it should be looked up or refreshed', async () => {
    let clock = Date.now();
    const { proxy, one } = await withProxy({ now: () => clock });
    const token = await one.tokens.get();
    proxy.dark();
    for (const passed of [1000, 61_000, 1.85 * HOUR]) {
      clock += passed;
      expect(await one.tokens.get()).toBe(token);
    }
    expect(fetches()).toHaveLength(1);
  });

  test('in the middle of a fetch, what was fetched serves its process, without another fetch', async () => {
    const { proxy, one } = await withProxy();
    world.server.answerWith((call, response) => {
      proxy.dark();
      return issue(call, response);
    });
    const token = await one.tokens.get();
    expect(token).toBe(newest());
    for (let i = 0; i < 5; i++) expect(await one.tokens.get()).toBe(token);
    expect(fetches()).toHaveLength(1);
    proxy.light();
    expect(await one.tokens.get()).toBe(token);
  });

  test('only now and then somebody looks whether it is back; the others do not wait for that', async () => {
    let clock = Date.now();
    const { proxy, one } = await withProxy({ now: () => clock });
    await one.tokens.get();
    proxy.dark();
    clock += 61_000;
    await one.tokens.get();
    for (let i = 0; i < 50; i++) await one.tokens.get();
    expect(one.events('token.cache_unreachable')).toHaveLength(1);
  });

  test('a process that has no token fetches one for itself, without waiting for a turn', async () => {
    // The clock stands: whoever waited would do so for ever.
    let clock = Date.now();
    const { proxy, one } = await withProxy({ now: () => clock });
    proxy.dark();
    expect(await one.tokens.get()).toBe(newest());
    clock += 2 * HOUR + 1;
    expect(await one.tokens.get()).toBe(newest());
    expect(fetches()).toHaveLength(2);
  });

  test('a token that is refused is replaced all the same, in the end', async () => {
    // Each look at the clock takes ten seconds of its time.
    let clock = Date.now();
    const { proxy, one } = await withProxy({ now: () => (clock += 10_000) });
    const old = await one.tokens.get();
    proxy.dark();
    const fresh = await one.tokens.replace(old);
    expect(fresh).toBe(newest());
    expect(fresh).not.toBe(old);
    expect(fetches()).toHaveLength(2);
    expect(await one.tokens.get()).toBe(fresh);
  });

  test('and back again, the shared token is found again', async () => {
    let clock = Date.now();
    const { proxy, one } = await withProxy({ now: () => clock });
    const old = await one.tokens.get();
    proxy.dark();
    const fresh = await startProcess({ now: () => clock }).tokens.replace(old);
    expect(await one.tokens.get()).toBe(old);
    proxy.light();
    await eventually(async () => {
      clock += 61_000;
      expect(await one.tokens.get()).toBe(fresh);
    });
    expect(fetches()).toHaveLength(2);
  });
});
