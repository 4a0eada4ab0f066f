// Libraries that know nothing of gateways: they take this one for WeChat (中控服务器), with a key as their secret.
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createGatewayHttp } from '../../src/api/behind-gateway.ts';
import { APP_ID, createPlace, keyOf, type RunningGateway, startWeChatServer } from './harness.ts';

const ALLOW = ['/cgi-bin/user/*', '/cgi-bin/media/*'];
const CLIENTS = [
  { name: 'shop', allow: ALLOW },
  { name: 'strict', allow: ALLOW, errors: 'http' },
  { name: 'gentle', allow: ALLOW, errors: 'wechat', limit: '1/day' },
  { name: 'rich', token: true },
] as const;
const USERS = { total: 1, count: 1, data: { openid: ['o1'] }, next_openid: '' };
const VIDEO = randomBytes(3_000_000);

let wechat: Awaited<ReturnType<typeof startWeChatServer>>;
let place: ReturnType<typeof createPlace>;
let gateway: RunningGateway;
let folder: string;
/** Tokens up to this one WeChat refuses. */
let revoked = 0;
let arrived: string[] = [];
beforeAll(async () => {
  wechat = await startWeChatServer(async ({ path, query }, request) => {
    const body = await buffer(request);
    if (wechat.issued.indexOf(query.get('access_token') ?? '') < revoked)
      return { errcode: 40001, errmsg: 'invalid credential' };
    if (path === '/cgi-bin/user/get') return USERS;
    arrived.push(createHash('sha256').update(fileIn(body)).digest('hex'));
    return { type: 'video', media_id: 'M1', created_at: 1 };
  });
  place = createPlace(CLIENTS, wechat.url);
  gateway = await place.start();
  folder = mkdtempSync(join(tmpdir(), 'wxrelay-drop-in-'));
  writeFileSync(join(folder, 'a.mp4'), VIDEO);
});
beforeEach(() => {
  arrived = [];
});
afterAll(async () => {
  await place.close();
  await wechat.close();
  rmSync(folder, { recursive: true });
});

/** The file of a multipart body. */
const fileIn = (body: Buffer) => {
  const file = body.indexOf('filename=');
  return body.subarray(body.indexOf('\r\n\r\n', file) + 4, body.indexOf('\r\n--', file));
};

interface Library {
  users(): Promise<unknown>;
  upload(file: string): Promise<unknown>;
}

const require = createRequire(import.meta.url);

const LIBRARIES: [string, (secret: string) => Library | Promise<Library>][] = [
  [
    'co-wechat-api',
    (secret) => {
      const Api = require('co-wechat-api');
      const api = new Api(APP_ID, secret);
      api.prefix = `${gateway.url}/cgi-bin/`;
      return { users: () => api.getFollowers(), upload: (file) => api.uploadMedia(file, 'video') };
    },
  ],
  [
    'wechat-api',
    (secret) => {
      const Api = require('wechat-api');
      const api = new Api(APP_ID, secret);
      api.endpoint = gateway.url;
      const ask = (name: string, ...args: unknown[]) =>
        new Promise((resolve, reject) => {
          api[name](...args, (error: Error | null, answer: unknown) => (error ? reject(error) : resolve(answer)));
        });
      return { users: () => ask('getFollowers'), upload: (file) => ask('uploadMedia', file, 'video') };
    },
  ],
  [
    'tnwx',
    (secret) => {
      const { AccessTokenApi, ApiConfig, ApiConfigKit, MediaApi, UserApi } = require('tnwx');
      for (const api of [AccessTokenApi, MediaApi, UserApi])
        for (const [name, value] of Object.entries(api))
          if (typeof value === 'string')
            api[name] = value.replace(/^https:\/\/api\.weixin\.qq\.com|^http:\/\/127[^/]+/, gateway.url);
      ApiConfigKit.putApiConfig(new ApiConfig(APP_ID, secret, 'token'));
      ApiConfigKit.setCurrentAppId(APP_ID);
      const read = (answer: unknown) => (typeof answer === 'string' ? JSON.parse(answer) : answer);
      return {
        users: async () => read(await UserApi.getFollowers()),
        upload: async (file) => read(await MediaApi.uploadMedia(file, 'video')),
      };
    },
  ],
  ...[false, true].map((stable): [string, (secret: string) => Library] => [
    `node-easywechat, ${stable ? 'stable_token' : 'token'}`,
    (secret) => {
      const { OfficialAccount } = require('node-easywechat');
      const app = new OfficialAccount({
        app_id: APP_ID,
        secret,
        use_stable_access_token: stable,
        http: { baseURL: `${gateway.url}/` },
      });
      const kept = new Map<string, unknown>();
      app.setCache({
        get: async (name: string) => kept.get(name),
        set: async (name: string, value: unknown) => void kept.set(name, value),
        has: async (name: string) => kept.has(name),
        delete: async (name: string) => kept.delete(name),
      });
      const client = app.getClient();
      return {
        users: async () => (await client.get('/cgi-bin/user/get')).toObject(),
        upload: async (file) =>
          (await client.withFile(file, 'media').post('/cgi-bin/media/upload?type=video')).toObject(),
      };
    },
  ]),
  ['wechatpy, as raw HTTP', (secret) => rawLibrary(() => askForToken(secret))],
  [
    'EasyWeChat, as raw HTTP',
    (secret) =>
      rawLibrary(() =>
        fetch(`${gateway.url}/cgi-bin/stable_token`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ ...credentials(secret), force_refresh: false }),
        }),
      ),
  ],
];

const credentials = (secret: string) => ({ grant_type: 'client_credential', appid: APP_ID, secret });
const askForToken = (secret: string, more: Record<string, string> = {}) =>
  fetch(`${gateway.url}/cgi-bin/token?${new URLSearchParams({ ...credentials(secret), ...more })}`);
type Token = { access_token: string; expires_in: number };
const tokenOf = async (name: string) => ((await (await askForToken(keyOf(name))).json()) as Token).access_token;
const users = (token: string, path = '/cgi-bin/user/get') => fetch(`${gateway.url}${path}?access_token=${token}`);

async function rawLibrary(login: () => Promise<Response>): Promise<Library> {
  const { access_token: token } = (await (await login()).json()) as Token;
  return {
    users: async () => (await users(token)).json(),
    async upload() {
      const body = new FormData();
      body.append('media', new Blob([VIDEO]), 'a.mp4');
      return (
        await fetch(`${gateway.url}/cgi-bin/media/upload?access_token=${token}&type=video`, { method: 'POST', body })
      ).json();
    },
  };
}

describe.each(LIBRARIES)('%s', (_, open) => {
  test('fetches a token of the gateway’s, calls with it, and uploads over a token that died', async () => {
    const library = await open(keyOf('shop'));
    expect(await library.users()).toMatchObject(USERS);
    revoked = wechat.issued.length;
    expect(await library.upload(join(folder, 'a.mp4'))).toMatchObject({ media_id: 'M1' });
    expect(arrived).toEqual([createHash('sha256').update(VIDEO).digest('hex')]);
    expect(await library.users()).toMatchObject(USERS);
    expect(wechat.calls.map(({ path }) => path)).not.toContain('/cgi-bin/token');
  });
});

test('a token of the gateway’s is good for two hours, and neither WeChat’s nor the key', async () => {
  const answer = await askForToken(keyOf('shop'));
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const token = (await answer.json()) as Token;
  expect(token).toEqual({ access_token: expect.stringMatching(/^wxg\.[\w.-]+$/), expires_in: 7200 });
  expect(wechat.issued).not.toContain(token.access_token);
  expect(token.access_token).not.toContain(keyOf('shop'));
  expect(token.access_token.length).toBeLessThan(512);
});

test.each([
  ['another appid', () => askForToken(keyOf('shop'), { appid: 'wx9' }), 40013],
  ['no secret', () => askForToken(''), 41004],
  ['another grant_type', () => askForToken(keyOf('shop'), { grant_type: 'password' }), 40002],
  ['a wrong secret', () => askForToken('wrong'), 40125],
  ['a token that nobody has given', () => users(`wxg.9999999999.${'a'.repeat(16)}.${'b'.repeat(43)}.shop`), 40001],
  ['a token of WeChat’s', () => users(`99_${'x'.repeat(130)}`), 40001],
  ['what is not allowed', async () => users(await tokenOf('shop'), '/cgi-bin/menu/get'), 990403],
  ['WeChat’s own token', async () => users(await tokenOf('rich'), '/token'), 990403],
])('to who asks with %s the gateway says so as WeChat would', async (_, ask, errcode) => {
  const answer = await ask();
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ errcode, errmsg: expect.stringMatching(/^wxrelay gateway: ./) });
});

test('"errors" says how a client is refused, however its key came; and our own client reads both', async () => {
  const strict = await users(keyOf('strict'), '/cgi-bin/menu/get');
  expect([strict.status, await strict.json()]).toEqual([403, expect.objectContaining({ errcode: 990403 })]);
  expect((await gateway.ask('/cgi-bin/user/get', { as: 'gentle' })).status).toBe(200);
  const gentle = await gateway.ask('/cgi-bin/user/get', { as: 'gentle' });
  expect([gentle.status, await gentle.json()]).toEqual([200, expect.objectContaining({ errcode: 990429 })]);
  expect(Number(gentle.headers.get('retry-after'))).toBeGreaterThan(0);
  const http = createGatewayHttp({ url: gateway.url, key: keyOf('gentle') });
  await expect(http.call({ method: 'GET', path: '/cgi-bin/menu/get' })).rejects.toMatchObject({
    errcode: 990403,
    row: { reaction: 'config' },
  });
  await http.close();
});

test('a token dies with its key, and another gateway of the account takes it', async () => {
  const other = await place.start();
  const token = await tokenOf('shop');
  expect(await (await fetch(`${other.url}/cgi-bin/user/get?access_token=${token}`)).json()).toEqual(USERS);
  place.write([{ name: 'shop', key: keyOf('another'), allow: ALLOW }]);
  other.kill('SIGHUP');
  await expect
    .poll(async () => (await fetch(`${other.url}/cgi-bin/user/get?access_token=${token}`)).json())
    .toMatchObject({ errcode: 40001 });
});

test('a secret that is guessed shuts its address out for wrong ones', async () => {
  const answers = [];
  for (let n = 0; n < 11; n++)
    answers.push(((await (await askForToken(`guess ${n}`)).json()) as { errcode: number }).errcode);
  expect(answers.at(-1)).toBe(990428);
  expect(await tokenOf('shop')).toMatch(/^wxg\./);
  const log = JSON.stringify(place.allLines());
  expect(log).not.toContain(keyOf('shop'));
  expect(log).not.toContain('wxg.');
});
