import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect as connectTo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startChild } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { bearer, createPlace, keyOf, type RunningGateway, startWeChatServer } from './harness.ts';

let wechat: Awaited<ReturnType<typeof startWeChatServer>>;
let place: ReturnType<typeof createPlace>;
let gateway: RunningGateway;
beforeAll(async () => {
  wechat = await startWeChatServer();
  const clients = [
    { name: 'all', allow: ['/*'] },
    { name: 'users', allow: ['/cgi-bin/user/*', '/cgi-bin/tags/get'] },
    { name: 'cgi', allow: ['/cgi-bin/*'] },
    { name: 'pages', allow: ['/cgi-bin/ticket/getticket'] },
    { name: 'rotated', key: [keyOf('rotated'), keyOf('rotated before')], allow: ['/cgi-bin/user/*'] },
  ];
  place = createPlace(clients, wechat.url);
  gateway = await place.start();
});
afterAll(async () => {
  await place.close();
  await wechat.close();
});

/** A request as it stands, for `fetch` would put its path in order. */
function raw(path: string, method = 'GET'): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(gateway.url);
    request({ hostname, port, path, method, headers: bearer('all') }, async (response) =>
      resolve({ status: response.statusCode ?? 0, body: await text(response) }),
    )
      .on('error', reject)
      .end();
  });
}

describe('a key', () => {
  test('may come as a bearer, or in place of the access_token, and reaches WeChat in neither way', async () => {
    const before = wechat.proxied().length;
    expect((await gateway.ask('/cgi-bin/user/get?next_openid=')).status).toBe(200);
    expect((await fetch(`${gateway.url}/cgi-bin/user/get?access_token=${keyOf('all')}&lang=zh_CN`)).status).toBe(200);
    expect((await gateway.ask('/cgi-bin/user/get', { as: 'rotated before' })).status).toBe(200);
    const calls = wechat.proxied().slice(before);
    expect(calls.map(({ query }) => query.getAll('access_token'))).toEqual(calls.map(() => [wechat.issued.at(-1)]));
    expect(calls[1]?.query.get('lang')).toBe('zh_CN');
    for (const name of ['all', 'rotated before'])
      expect(JSON.stringify(calls.map((call) => [call.headers, `${call.query}`]))).not.toContain(keyOf(name));
  });

  test.each([
    ['none', {}, ''],
    ['a wrong one', { authorization: 'Bearer wrong' }, ''],
  ])('%s is refused with 401, and with what to do', async (_, headers, query) => {
    const before = wechat.proxied().length;
    const answer = await fetch(`${gateway.url}/cgi-bin/user/get${query}`, {
      headers: headers as Record<string, string>,
    });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    expect(await answer.json()).toMatchObject({ errcode: 990401, errmsg: expect.stringContaining('Bearer') });
    expect(wechat.proxied()).toHaveLength(before);
  });

  test.each(['access_token', 'Access_Token', 'access%5Ftoken'])('with %s of its own is refused', async (name) => {
    const before = wechat.proxied().length;
    const answer = await gateway.ask(`/cgi-bin/user/get?${name}=99_abc`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errcode: 990402, errmsg: expect.stringContaining('leave it out') });
    expect((await gateway.ask(`/cgi-bin/user/get?access_token=${keyOf('all')}&${name}=x`)).status).toBe(400);
    expect(wechat.proxied()).toHaveLength(before);
  });
});

describe('an endpoint', () => {
  test.each([
    ['users', '/cgi-bin/user/info', 200],
    ['users', '/cgi-bin/tags/get', 200],
    ['users', '/cgi-bin/tags/getid', 403],
    ['users', '/cgi-bin/user', 403],
    ['users', '/cgi-bin/menu/delete', 403],
    ['all', '/customservice/kfaccount/add', 200],
    ['all', '/sns/userinfo', 404],
    ['all', '/nowhere', 404],
    ['cgi', '/cgi-bin/ticket/getticket', 403],
    ['pages', '/cgi-bin/ticket/getticket', 200],
    ['all', '/cgi-bin/openapi/rid/get', 403],
  ])('%s asks for %s: %i', async (as, path, status) => {
    const before = wechat.proxied().length;
    const answer = await gateway.ask(path, { as });
    expect(answer.status).toBe(status);
    expect(wechat.proxied()).toHaveLength(before + (status === 200 ? 1 : 0));
    const { errmsg } = (await answer.json()) as { errmsg: string };
    if (status === 403)
      expect(errmsg).toBe(`wxrelay gateway: "${as}" may not call ${path}: add it to its "allow" in GATEWAY_CONFIG.`);
  });

  const secret = [
    '/cgi-bin/token',
    '/cgi-bin/stable_token',
    '/cgi-bin/clear_quota/v2',
    '/cgi-bin/component/api_query_auth',
  ];
  const spellings = (path: string) => [
    path,
    `${path}/`,
    `/${path}`,
    path.replace('bin/', 'bin//'),
    path.replace('bin/', 'bin/./'),
    path.replace('bin/', 'bin/user/../'),
    path.replace('bin/', 'bin%2F'),
    path.replace('bin/', 'bin%2f%2e/'),
    path.replace('bin/', 'bin\\'),
    path.replace('o', '%6f'),
    path.replace('o', '%256f'),
    path.replace('o', 'O'),
    path.toUpperCase(),
    `${path};x=1`,
    `${path}%00`,
    `${path}%20`,
    `${path}.`,
    `${path}.json`,
    `http://x${path}`,
    `/cgi-bin/user/..${path}`,
    `/cgi-bin/user/%2e%2e${path}`,
  ];
  test.each(secret)('%s is never passed on, however it is spelt', async (path) => {
    const before = wechat.calls.length;
    for (const spelling of spellings(path)) {
      for (const query of ['', '?grant_type=client_credential&appid=x&secret=y']) {
        const { status, body } = await raw(`${spelling}${query}`);
        expect([spelling, status]).toEqual([spelling, expect.toSatisfy((s: number) => [400, 403, 404].includes(s))]);
        expect(body).not.toContain('access_token":');
      }
    }
    expect((await raw(path, 'POST')).status).toBe(403);
    expect((await raw('/cgi-bin/user/get', 'PUT')).status).toBe(400);
    expect(wechat.calls).toHaveLength(before);
  });
});

describe('a request target', () => {
  test.each([
    ['absolute-form', 'http://api.weixin.qq.com/cgi-bin/user/get?next_openid=o1', '/cgi-bin/user/get'],
    ['absolute-form, with a port', 'http://127.0.0.1:1/cgi-bin/user/get?next_openid=o1', '/cgi-bin/user/get'],
    ['absolute-form, in capitals', 'HTTP://API.WEIXIN.QQ.COM/cgi-bin/user/get?next_openid=o1', '/cgi-bin/user/get'],
  ])('in %s is taken by its path and query', async (_, target, path) => {
    expect((await raw(target)).status).toBe(200);
    const { path: asked, query } = wechat.proxied().at(-1) ?? {};
    expect([asked, query?.get('next_openid')]).toEqual([path, 'o1']);
    expect(wechat.proxied().at(-1)?.headers.host).toBe(new URL(wechat.url).host);
  });

  test.each([
    ['absolute-form, without a path', 'GET', 'http://api.weixin.qq.com', 400],
    ['absolute-form, of another scheme', 'GET', 'ftp://x/cgi-bin/user/get', 400],
    ['absolute-form, of what is never passed on', 'GET', 'http://x/cgi-bin/clear_quota/v2', 403],
    ['absolute-form, with a second path', 'GET', 'http://x//cgi-bin/user/get', 400],
    ['absolute-form, of the health check', 'GET', 'http://x/healthz', 200],
    ['asterisk-form', 'OPTIONS', '*', 400],
  ])('in %s is answered: %s %s is %i', async (_, method, target, status) => {
    const before = wechat.calls.length;
    expect((await raw(target, method)).status).toBe(status);
    expect(wechat.calls).toHaveLength(before);
  });

  test('in authority-form (CONNECT) is answered with 405: the gateway is no forward proxy', async () => {
    const { hostname, port } = new URL(gateway.url);
    const connect = request({ hostname, port, method: 'CONNECT', path: 'api.weixin.qq.com:443' }).end();
    const [response] = (await once(connect, 'connect')) as [IncomingMessage];
    expect([response.statusCode, response.headers.allow]).toEqual([405, 'GET, POST']);
  });
});

test('a connection that sends half a header, or nothing at all, is closed within seconds', async () => {
  const { hostname, port } = new URL(gateway.url);
  const send = (bytes: string) => {
    const socket = connectTo(Number(port), hostname).resume();
    socket.write(bytes);
    return once(socket, 'close');
  };
  await Promise.all([send('GET /cgi-bin/user/get HTTP/1.1\r\nHost: x\r\nX-A: '), send('')]);
}, 30_000);

test('wrong keys shut an address out for wrong keys: behind a reverse proxy it is everybody’s', async (t) => {
  const other = await place.start();
  t.onTestFinished(() => other.kill('SIGKILL'));
  const statuses = [];
  for (let n = 0; n < 11; n++) statuses.push((await other.ask('/cgi-bin/user/get', { as: `guess ${n}` })).status);
  expect(statuses).toEqual([...Array(10).fill(401), 429]);
  expect((await other.ask('/cgi-bin/user/get', { as: 'users' })).status).toBe(200);
  expect((await other.ask('/cgi-bin/user/get')).status).toBe(200);
});

test('/healthz and /readyz are open, and /token asks for its permission', async () => {
  expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
  const answer = await gateway.ask('/token');
  expect(answer.status).toBe(403);
  expect(await answer.json()).toMatchObject({ errcode: 990403, errmsg: expect.stringContaining('"token": true') });
});

test('the audit log has a line for each call, without query, key, token or body', async () => {
  const answer = await gateway.ask('/cgi-bin/user/info?openid=oSecretOpenid0000000000000', {
    method: 'POST',
    body: 'a secret body',
  });
  await answer.text();
  await eventually(() =>
    expect(gateway.events('gateway.call').at(-1)).toMatchObject({
      client: 'all',
      method: 'POST',
      path: '/cgi-bin/user/info',
      status: 200,
      errcode: 0,
      bytesIn: 13,
      bytesOut: 27,
      ms: expect.any(Number),
    }),
  );
  const log = place.allLines().join('\n');
  for (const secret of ['oSecretOpenid', 'a secret body', ...wechat.issued, keyOf('all'), keyOf('users')])
    expect(log).not.toContain(secret);
});

describe('GATEWAY_CONFIG', () => {
  const outcome = async (env: Record<string, string>) => {
    const child = startChild(['gateway'], { ...place.env, ...env });
    return { code: await child.ended, said: child.lines.join('\n') };
  };

  test('is needed', async () => {
    const { code, said } = await outcome({ GATEWAY_CONFIG: '' });
    expect(code).toBe(78);
    expect(said).toContain('GATEWAY_CONFIG is not set');
    expect(said).toContain('wxrelay gateway key NAME');
  });

  test('is checked at once and as a whole, and no key is printed', async (t) => {
    const wrong = createPlace([], wechat.url);
    t.onTestFinished(() => wrong.close());
    wrong.write([
      { name: 'a b', key: 'short-key', limit: '5/fortnight' },
      {
        name: 'two',
        allow: ['/cgi-bin/token', '/CGI-BIN/user', '/sns/userinfo', '/cgi-bin/us*er'],
        limits: { '/x': '1/s' },
      },
      { name: 'two', allowed: [] } as never,
    ]);
    const { code, said } = await outcome({ GATEWAY_CONFIG: wrong.file });
    expect(code).toBe(78);
    for (const place of [
      '[0].name',
      '[0].key',
      '[0].limit',
      '[1].allow[0]',
      '[1].allow[1]',
      '[1].allow[2]',
      '[1].allow[3]',
      '[1].limits./x',
      '[2]',
    ])
      expect(said).toContain(`clients${place}`);
    expect(said).not.toContain('short-key');
    wrong.write([{ name: 'two' }, { name: 'two' }]);
    expect((await outcome({ GATEWAY_CONFIG: wrong.file })).said).toMatch(
      /two clients are called "two"[\s\S]*has the key of another/,
    );
    expect((await outcome({ GATEWAY_CONFIG: '/nowhere' })).said).toContain('it cannot be read (ENOENT)');
  });

  test('takes the hash of a key, as "gateway key" prints it, and is read again on SIGHUP', async (t) => {
    const made = startChild(['gateway', 'key', 'crm', '--json'], place.env);
    expect(await made.ended).toBe(0);
    const { key, entry } = JSON.parse(made.lines.join('\n'));
    expect(entry.key).toMatch(/^sha256:[0-9a-f]{64}$/);
    const own = createPlace([{ name: 'first' }], wechat.url);
    t.onTestFinished(() => own.close());
    const running = await own.start();
    const status = async () =>
      (await fetch(`${running.url}/cgi-bin/user/get`, { headers: { authorization: `Bearer ${key}` } })).status;
    expect(await status()).toBe(401);
    own.write([{ ...entry, allow: ['/cgi-bin/user/get'] }]);
    running.kill('SIGHUP');
    await eventually(async () => expect(await status()).toBe(200));
    own.write([]);
    running.kill('SIGHUP');
    await eventually(() => expect(running.events('gateway.not_reloaded')).toHaveLength(1));
    expect(await status()).toBe(200);
  });
});
