import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { startChild } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { createRedisServer } from '../helpers/redis-server.ts';
import { bearer, createPlace, keyOf, type RunningGateway, startWeChatServer } from './harness.ts';

const CLIENTS = [
  { name: 'all', token: true, allow: ['/*'] },
  {
    name: 'slow',
    token: true,
    allow: ['/cgi-bin/*'],
    limit: '5/min',
    limits: { '/cgi-bin/menu/*': '2/hour', '/token': '1/min' },
  },
];

let wechat: Awaited<ReturnType<typeof startWeChatServer>>;
let place: ReturnType<typeof createPlace>;
beforeEach(async () => {
  wechat = await startWeChatServer();
  place = createPlace(CLIENTS, wechat.url);
});
afterEach(async () => {
  await place.close();
  await wechat.close();
});

const tokenOf = async (gateway: RunningGateway, query = '') => {
  const answer = await gateway.ask(`/token${query}`);
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store']);
  return (await answer.json()) as { access_token: string; expires_in: number };
};

describe('GET /token', () => {
  test('answers the token that all gateways share, and its seconds', async () => {
    const [one, two] = await Promise.all([place.start(), place.start(['--role', 'token'])]);
    const { access_token: token, expires_in: seconds } = await tokenOf(one);
    expect(token).toBe(wechat.issued[0]);
    expect(seconds).toBeGreaterThan(7100);
    expect(seconds).toBeLessThanOrEqual(7200);
    expect((await tokenOf(two)).access_token).toBe(token);
    expect(wechat.issued).toHaveLength(1);
  });

  test('?failed= replaces that token once: later complaints about it leave the fresh one alone', async () => {
    const [one, two] = await Promise.all([place.start(), place.start()]);
    const { access_token: old } = await tokenOf(one);
    await tokenOf(two);
    const [{ access_token: fresh }] = await Promise.all([
      tokenOf(one, `?failed=${old}`),
      tokenOf(two, `?failed=${old}`),
    ]);
    expect(fresh).not.toBe(old);
    for (const gateway of [one, two, one]) expect((await tokenOf(gateway, `?failed=${old}`)).access_token).toBe(fresh);
    expect((await tokenOf(one, '?failed=nonsense')).access_token).toBe(fresh);
    expect(wechat.issued).toHaveLength(2);
  });
});

describe('roles', () => {
  test('a token server passes no call on, and a proxy hands out no token', async () => {
    const [server, proxy] = await Promise.all([place.start(['--role', 'token']), place.start(['--role', 'proxy'])]);
    const refused = await server.ask('/cgi-bin/user/get');
    expect([refused.status, await refused.json()]).toEqual([404, expect.objectContaining({ errcode: 990404 })]);
    expect((await proxy.ask('/token')).status).toBe(404);
    expect((await proxy.ask('/cgi-bin/user/get')).status).toBe(200);
  });

  test('a proxy may take the token from a token server, and needs no AppSecret', async () => {
    const server = await place.start(['--role', 'token']);
    const remote = { WECHAT_APP_SECRET: '', WECHAT_GATEWAY_URL: server.url, WECHAT_GATEWAY_KEY: keyOf('all') };
    const proxy = await place.start(['--role', 'proxy'], { ...remote, WXRELAY_PREFIX: 'test-elsewhere' });
    expect((await proxy.ask('/cgi-bin/user/get')).status).toBe(200);
    expect(wechat.proxied().at(-1)?.query.get('access_token')).toBe(wechat.issued[0]);
    // One complaint reaches the token server, and the call is repeated with what it fetched.
    wechat.serveWith(({ query }) => ({
      errcode: query.get('access_token') === wechat.issued[0] ? 40001 : 0,
      errmsg: '',
    }));
    expect(await (await proxy.ask('/cgi-bin/user/get')).json()).toMatchObject({ errcode: 0 });
    expect(wechat.issued).toHaveLength(2);
    // Without the server, the last token serves.
    server.kill('SIGKILL');
    await server.ended;
    expect(await (await proxy.ask('/cgi-bin/user/get')).json()).toMatchObject({ errcode: 0 });
  });

  test('each says which settings it lacks', async () => {
    const said = async (role: string, env: Record<string, string>) => {
      const child = startChild(['gateway', '--role', role], { ...place.env, WECHAT_APP_SECRET: '', ...env });
      expect(await child.ended).toBe(78);
      return child.lines.join('\n');
    };
    const behind = { WECHAT_GATEWAY_URL: 'http://127.0.0.1:1', WECHAT_GATEWAY_KEY: keyOf('all') };
    expect(await said('token', behind)).toContain('WECHAT_APP_SECRET are needed to fetch the access_token');
    expect(await said('proxy', {})).toContain('WECHAT_APP_SECRET are needed');
    expect(await said('proxy', { ...behind, WECHAT_GATEWAY_KEY: '' })).toContain('WECHAT_GATEWAY_KEY is not set');
  });
});

describe('limits', () => {
  test('are one for all gateways, and say when to come back', async () => {
    const gateways = await Promise.all([place.start(), place.start()]);
    const calls = await Promise.all(
      Array.from({ length: 12 }, (_, n) => gateways[n % 2]!.ask('/cgi-bin/user/get', { as: 'slow' })),
    );
    expect(calls.filter(({ status }) => status === 200)).toHaveLength(5);
    const refused = calls.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(7);
    for (const answer of refused) {
      const seconds = Number(answer.headers.get('retry-after'));
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(60);
      expect(await answer.json()).toMatchObject({ errcode: 990429, written: false, retry_after: seconds });
    }
    expect((await gateways[0].ask('/cgi-bin/user/get')).status).toBe(200);
    expect(wechat.proxied()).toHaveLength(6);
  });

  test('of single endpoints bind beside the one over all', async () => {
    const [one, two] = await Promise.all([place.start(), place.start()]);
    const statuses = [];
    for (const [gateway, path] of [
      [one, '/cgi-bin/menu/get'],
      [two, '/cgi-bin/menu/create'],
      [one, '/cgi-bin/menu/get'],
      [two, '/token'],
      [one, '/token'],
      [one, '/cgi-bin/user/get'],
    ] as const)
      statuses.push((await gateway.ask(path, { as: 'slow' })).status);
    expect(statuses).toEqual([200, 200, 429, 200, 429, 200]);
  });

  test('take nothing of a narrow one where the wide one refuses', async () => {
    place.write([
      {
        name: 'all',
        allow: ['/cgi-bin/*'],
        limit: '1/s',
        limits: { '/cgi-bin/menu/*': '2/day', '/cgi-bin/menu/get': '2/day' },
      },
    ]);
    const gateway = await place.start();
    const statuses: number[] = [];
    await eventually(async () => {
      // Far more often than it may, so that most calls are refused.
      for (let n = 0; n < 5; n++) statuses.push((await gateway.ask('/cgi-bin/menu/get')).status);
      expect(wechat.proxied()).toHaveLength(2);
    });
    expect(statuses).toContain(429);
    await eventually(async () =>
      expect(await (await gateway.ask('/cgi-bin/menu/get')).json()).toMatchObject({
        errmsg: expect.stringContaining('2 times in 86400 s'),
      }),
    );
    expect(wechat.proxied()).toHaveLength(2);
  });
});

describe.skipIf(!inject('realRedis'))('while Redis is away', () => {
  test.each(['SIGKILL', 'SIGSTOP'] as const)(
    '(%s) token and proxy go on, and each gateway counts by itself',
    async (signal) => {
      const redis = await createRedisServer();
      try {
        const gateway = await place.start([], { REDIS_URL: redis.url });
        const { access_token: token } = await tokenOf(gateway);
        expect((await gateway.ask('/cgi-bin/user/get', { as: 'slow' })).status).toBe(200);
        await redis.kill(signal);
        expect((await tokenOf(gateway)).access_token).toBe(token);
        const statuses = [];
        for (let n = 0; n < 7; n++) statuses.push((await gateway.ask('/cgi-bin/user/get', { as: 'slow' })).status);
        // Where Redis was slow the first call has been counted here, too.
        expect([4, 5]).toContain(statuses.indexOf(429));
        expect(statuses.slice(5)).toEqual([429, 429]);
        expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
        if (signal === 'SIGSTOP') await redis.kill('SIGCONT');
        else await redis.start();
        await eventually(async () =>
          expect(await (await gateway.ask('/cgi-bin/user/get')).json()).toMatchObject({ errcode: 0 }),
        );
        gateway.kill('SIGTERM');
        expect(await gateway.ended).toBe(0);
      } finally {
        await redis.close();
      }
    },
  );

  test('it starts and ends without it', async () => {
    const redis = await createRedisServer();
    await redis.kill('SIGKILL');
    const gateway = await place.start([], { REDIS_URL: redis.url });
    gateway.kill('SIGTERM');
    expect(await gateway.ended).toBe(0);
    await redis.close();
  });
});

test('SIGTERM lets a call under way end, and takes no new one', async () => {
  const gateway = await place.start();
  let answerNow = () => {};
  const began = new Promise<void>((resolve) => {
    wechat.serveWith((_, __, response) => {
      answerNow = () => void response.end('{"errcode":0}');
      resolve();
    });
  });
  const call = fetch(`${gateway.url}/cgi-bin/user/get`, { headers: bearer('all') });
  await began;
  gateway.kill('SIGTERM');
  await eventually(() => expect(gateway.events('gateway.stopping')).toHaveLength(1));
  answerNow();
  expect(await (await call).json()).toEqual({ errcode: 0 });
  expect(await gateway.ended).toBe(0);
});
