// Other people's programs, unchanged.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGatewayHttp } from '../../src/api/behind-gateway.ts';
import { findOnPath } from '../../src/cli/embedded-redis.ts';
import { createWeChat, text } from '../../src/index.ts';
import { createWorld, type World } from '../helpers/world.ts';
import { APP_ID, createPlace, keyOf, type RunningGateway, startWeChatServer } from './harness.ts';

const SEND = '/cgi-bin/message/custom/send';
const CLIENTS = [
  { name: 'shop', allow: [SEND, '/cgi-bin/media/*', '/customservice/*'] },
  { name: 'server', token: true },
];

/** As far as it is used here. */
interface CoWeChatApi {
  prefix: string;
  customservicePrefix: string;
  sendText(openid: string, text: string): Promise<{ errcode: number }>;
  uploadMedia(bytes: Buffer, type: string, name: string, mime: string): Promise<{ media_id: string }>;
  getMedia(id: string): Promise<Buffer>;
  getOnlineCustomServiceList(): Promise<unknown>;
  getFollowers(): Promise<unknown>;
  getAccessToken(): Promise<unknown>;
}

type CoWeChatApiClass = new (
  appId: string,
  secret: string,
  getToken?: () => Promise<unknown>,
  saveToken?: (token: unknown) => Promise<void>,
  tokenFromCustom?: boolean,
) => CoWeChatApi;

const CoWeChatApi: CoWeChatApiClass = createRequire(import.meta.url)('co-wechat-api');

/** The library takes a URL and a token; the key stands where the token would. */
function openLibrary({ url }: RunningGateway): CoWeChatApi {
  const token = { accessToken: keyOf('shop'), expireTime: Date.now() + 3_600_000 };
  const api = new CoWeChatApi('', '', async () => token, undefined, true);
  api.prefix = `${url}/cgi-bin/`;
  api.customservicePrefix = `${url}/customservice/`;
  return api;
}

let world: World;
let place: ReturnType<typeof createPlace>;
let gateway: RunningGateway;
beforeAll(async () => {
  world = await createWorld();
  place = createPlace(CLIENTS, world.simulator.url);
  gateway = await place.start();
});
afterAll(async () => {
  await place.close();
  await world.close();
});

/** A follower may be sent to once they have written. */
async function follower(name: string): Promise<string> {
  const openid = name.padEnd(28, '0');
  await world.simulator.push({ openid, text: 'hi' }).catch(() => undefined);
  return openid;
}

describe('co-wechat-api', () => {
  test('sends through the gateway, over a token that died too, and knows no AppSecret', async () => {
    const api = openLibrary(gateway);
    const openid = await follower('oLibrary');
    expect(await api.sendText(openid, '你好 <gateway>')).toMatchObject({ errcode: 0 });
    await fetch(`${world.simulator.url}/simulator/token/revoke`, { method: 'POST', body: '{}' });
    expect(await api.sendText(openid, 'again')).toMatchObject({ errcode: 0 });
    expect(world.sent().filter((sent) => sent.openid === openid)).toEqual([
      { openid, text: '你好 <gateway>' },
      { openid, text: 'again' },
    ]);
    expect(world.simulator.state().calls[SEND]?.answers).toMatchObject({ 0: 2, 40001: 1 });
  });

  test('is refused what it was not given, and can have no token', async () => {
    const api = openLibrary(gateway);
    await expect(api.getFollowers()).rejects.toThrow('add it to its "allow"');
    await expect(api.getAccessToken()).rejects.toThrow('secret is missing');
  });

  test('uploads and downloads through the gateway, byte for byte', async (t) => {
    let file: Buffer = Buffer.alloc(0);
    const wechat = await startWeChatServer(async ({ path }, request, response) => {
      if (path === '/cgi-bin/media/get') return void response.writeHead(200, { 'content-type': 'video/mp4' }).end(file);
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      file = body.subarray(body.indexOf('\r\n\r\n') + 4, body.lastIndexOf('\r\n--'));
      return { type: 'video', media_id: 'M1', created_at: 1 };
    });
    const own = createPlace(CLIENTS, wechat.url);
    t.onTestFinished(async () => {
      await own.close();
      await wechat.close();
    });
    const api = openLibrary(await own.start());
    const bytes = Buffer.from(Array.from({ length: 3_000_000 }, (_, n) => (n * 7919) % 256));
    expect(await api.uploadMedia(bytes, 'video', 'a.mp4', 'video/mp4')).toMatchObject({ media_id: 'M1' });
    expect((await api.getMedia('M1')).equals(bytes)).toBe(true);
  });
});

test('createWeChat sends through the gateway, with a key and no AppSecret', async (t) => {
  const access = { url: gateway.url, key: keyOf('shop') };
  const wechat = createWeChat({ appId: APP_ID, gateway: access });
  t.onTestFinished(() => wechat.close());
  const openid = await follower('oClient');
  await wechat.sendCustomerServiceMessage(openid, text('来自客户端'));
  expect(world.sent()).toContainEqual({ openid, text: '来自客户端' });
  const picture = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.alloc(100)]);
  expect(await wechat.media.upload('image', { bytes: picture, filename: 'a.png' })).toMatchObject({ type: 'image' });
  await expect(wechat.users.page()).rejects.toMatchObject({
    errcode: 990403,
    errmsg: expect.stringContaining('add it to its "allow"'),
  });
  await expect(wechat.quota.clearAllBySecret()).rejects.toThrow('needs the AppSecret');
  expect(() => createWeChat({ appId: APP_ID, gateway: { ...access, key: '' } })).toThrow('a key');
});

test('where WeChat refuses the token, whoever calls reads what to do, and so does our own client', async (t) => {
  const errmsg = 'invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist';
  const fault = { path: '/cgi-bin/stable_token', times: 100, errcode: 40164, errmsg };
  await fetch(`${world.simulator.url}/simulator/fault`, { method: 'POST', body: JSON.stringify(fault) });
  const own = createPlace(CLIENTS, world.simulator.url);
  t.onTestFinished(async () => {
    await own.close();
    await fetch(`${world.simulator.url}/simulator/fault`, { method: 'DELETE' });
  });
  const unlisted = await own.start();
  const answer = await unlisted.ask(SEND, { as: 'shop', method: 'POST', body: '{}' });
  const advice =
    'put 203.0.113.7 on the IP 白名单 at 微信开发者平台 → 我的业务 → 公众号/服务号 → 基础信息 → 开发密钥（原：设置与开发 → 基本配置）';
  expect(answer.status).toBe(503);
  const text = await answer.text();
  expect(JSON.parse(text)).toMatchObject({ errcode: 990503, written: false, advice: { en: advice } });
  expect(JSON.parse(text).errmsg).toContain(`What to do: ${advice}.`);
  const http = createGatewayHttp({ url: unlisted.url, key: keyOf('shop') });
  t.onTestFinished(() => http.close());
  const error = await http.call({ method: 'POST', path: SEND, json: {} }).catch((thrown) => thrown);
  expect(error).toMatchObject({ name: 'ApiError', errcode: 990503, advice: { en: advice } });
  expect(error.message.split('What to do')).toHaveLength(2);
});

describe.skipIf(!findOnPath(['curl']))('a script of curl', () => {
  const run = promisify(execFile);

  test('sends, has the token, and reads the errors', async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'wxrelay-curl-'));
    t.onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const script = join(dir, 'send.sh');
    writeFileSync(
      script,
      `set -e
curl -sS -H "Authorization: Bearer $SHOP" -H 'content-type: application/json' \\
  -d "{\\"touser\\":\\"$OPENID\\",\\"msgtype\\":\\"text\\",\\"text\\":{\\"content\\":\\"from curl\\"}}" "$GATEWAY${SEND}"
echo
curl -sS -H "Authorization: Bearer $SERVER" "$GATEWAY/token"
echo
curl -sS -o /dev/null -w '%{http_code}\\n' -H "Authorization: Bearer $SHOP" "$GATEWAY/cgi-bin/menu/delete"
`,
    );
    const openid = await follower('oCurl');
    const env = {
      PATH: process.env['PATH'],
      NO_PROXY: '*',
      GATEWAY: gateway.url,
      OPENID: openid,
      SHOP: keyOf('shop'),
      SERVER: keyOf('server'),
    };
    const { stdout } = await run('sh', [script], { env });
    const [sent = '', token = '', status] = stdout.trim().split('\n');
    expect(JSON.parse(sent)).toMatchObject({ errcode: 0 });
    expect(JSON.parse(token)).toEqual({ access_token: expect.stringMatching(/^99_/), expires_in: expect.any(Number) });
    expect(status).toBe('403');
    expect(world.sent()).toContainEqual({ openid, text: 'from curl' });
  });
});
