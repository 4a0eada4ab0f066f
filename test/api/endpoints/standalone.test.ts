import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { composeWeChat } from '../../../src/api/client.ts';
import { createMemoryCache } from '../../../src/api/memory-cache.ts';
import { createWeChat, type WeChatOptions } from '../../../src/index.ts';
import { keepingLog } from '../../receiver/harness.ts';
import { type Call, type Server, startServer } from '../server.ts';
import { APP_ID, SECRET } from './table.ts';

let server: Server;
let issued = 0;
let newest = '';
beforeAll(async () => {
  server = await startServer((call) => {
    if (call.path.endsWith('token')) {
      newest = `TOKEN-${++issued}`;
      return { access_token: newest, expires_in: 7200 };
    }
    if (call.path === '/unknown')
      return { errcode: 987654, errmsg: `a new rule forbids "你好" at /x?access_token=${newest} rid: 6a-1b-2c` };
    return call.query.get('access_token') === newest && call.path !== '/refused'
      ? { errcode: 0, errmsg: 'ok', ip_list: [] }
      : { errcode: 40001, errmsg: 'invalid credential, access_token is invalid or not latest' };
  });
});
afterAll(() => server.close());
beforeEach(() => {
  server.calls.length = 0;
});
const fetches = () => server.calls.filter(({ path }) => path.endsWith('token'));

function start(options: Partial<WeChatOptions> = {}) {
  const wechat = createWeChat({ appId: APP_ID, appSecret: SECRET, baseUrl: server.url, ...options });
  afterAll(() => wechat.close());
  return wechat;
}

describe('a client of its own', () => {
  test('fetches nothing before it is used, then one token for all its calls', async () => {
    const wechat = start();
    expect(server.calls).toEqual([]);
    await Promise.all([wechat.warm(), wechat.network.callbackIps(), wechat.tags.get(), wechat.warm()]);
    await wechat.tags.get();
    expect(fetches()).toEqual([
      expect.objectContaining<Partial<Call>>({ method: 'POST', path: '/cgi-bin/stable_token' }),
    ]);
  });

  test('replaces a token that WeChat refuses, and repeats the call once', async () => {
    const wechat = start();
    await wechat.warm();
    newest = 'fetched by another program';
    expect(await wechat.network.callbackIps()).toEqual({ ip_list: [] });
    expect(server.calls.filter(({ path }) => path === '/cgi-bin/getcallbackip')).toHaveLength(2);
    expect(fetches()).toHaveLength(2);
  });

  test('may use the legacy token API', async () => {
    await start({ tokenApi: 'legacy' }).warm();
    expect(fetches()).toEqual([expect.objectContaining<Partial<Call>>({ method: 'GET', path: '/cgi-bin/token' })]);
  });

  test('shares its token through a cache that it is given', async () => {
    const cache = createMemoryCache();
    await Promise.all([start({ cache }).warm(), start({ cache }).warm()]);
    await start({ cache }).tags.get();
    expect(fetches()).toHaveLength(1);
  });

  test('asks for what it cannot do without, and says where to find it', () => {
    expect(() => createWeChat({ appId: APP_ID } as WeChatOptions)).toThrow(
      /needs appSecret.*developers\.weixin\.qq\.com/,
    );
    expect(() => createWeChat({ appId: '', appSecret: SECRET })).toThrow(/needs appId/);
  });

  test('shows neither secret nor token in its log and its errors', async () => {
    const kept = keepingLog();
    const wechat = start({ log: kept.log });
    await wechat.warm();
    server.calls.length = 0;
    const refused = await wechat.call({ method: 'GET', path: '/refused' }).catch((error: unknown) => error);
    const shown = inspect([kept, refused, wechat], { depth: 20 });
    const tokens = server.calls.map(({ query }) => query.get('access_token')).filter((token) => token !== null);
    expect(tokens).toHaveLength(2);
    for (const secret of [SECRET, ...tokens]) expect(shown).not.toContain(secret);
  });

  test('logs an errcode that it does not know, once a call, with the rid, and nothing of what was sent', async () => {
    const kept = keepingLog();
    const wechat = start({ log: kept.log });
    await expect(wechat.call({ method: 'POST', path: '/unknown', json: {} })).rejects.toMatchObject({
      errcode: 987654,
    });
    await expect(wechat.download({ method: 'GET', path: '/unknown' })).rejects.toMatchObject({ errcode: 987654 });
    await expect(wechat.call({ method: 'GET', path: '/refused' })).rejects.toMatchObject({ errcode: 40001 });
    const errmsg = 'a new rule forbids "…"';
    const line = expect.objectContaining({ level: 40, api: '/unknown', errcode: 987654, errmsg, rid: '6a-1b-2c' });
    expect(kept.events('errcode.unknown')).toEqual([line, line]);
  });

  test('closes: what is called afterwards fails', async () => {
    const wechat = createWeChat({ appId: APP_ID, appSecret: SECRET, baseUrl: server.url });
    await wechat.warm();
    await wechat.close();
    await expect(wechat.tags.get()).rejects.toMatchObject({ name: 'NetworkError' });
  });
});

test('clearing the quota by the AppSecret is refused where another machine holds it', async () => {
  const never = () => Promise.reject(new Error('called'));
  const wechat = composeWeChat({
    http: { call: never, download: never },
    tokens: { get: never, replace: never },
    appId: APP_ID,
  });
  await expect(wechat.quota.clearAllBySecret()).rejects.toThrow(/needs the AppSecret/);
});

test('the picture of a code is found by its ticket, which is escaped', () => {
  expect(start().qrcodes.imageUrl('gQH47/jo+A==')).toBe(
    'https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=gQH47%2Fjo%2BA%3D%3D',
  );
});
