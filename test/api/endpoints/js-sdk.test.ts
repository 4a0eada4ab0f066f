import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { createJsSdkApi, type JsSdkOptions } from '../../../src/api/js-sdk.ts';
import { createWeChat, silentLog } from '../../../src/index.ts';
import { connectWorker } from '../../../src/store/connection.ts';
import { createTicketCache, createTokenCache } from '../../../src/store/token-cache.ts';
import { jsSdkSignature } from '../../../src/wechat/js-sdk.ts';
import { keepingLog } from '../../receiver/harness.ts';
import { type Server, startServer } from '../server.ts';
import { APP_ID, SECRET } from './table.ts';

const TICKET = 'sM4AOVdWfPE4DxkXGEs8VMCPGGVi4C3VM0P37wVUCFvkVAy_90u5h9nbSlYy3-Sl-HhTdfl2fzFy1AOcHKP7qg';
const PAGE = 'http://mp.weixin.qq.com?params=value';

describe('the signature', () => {
  const example = { ticket: TICKET, nonceStr: 'Wm3WZYTPz0wzccnW', timestamp: 1414587457 };

  test('is that of the official guide', () => {
    expect(jsSdkSignature({ ...example, url: PAGE })).toBe('0f9de62fce790f9a083d5c99e95740ceb90c27ed');
  });

  test('is that of the older guide, for a URL without a query', () => {
    const url = 'http://mp.weixin.qq.com';
    expect(jsSdkSignature({ ...example, url })).toBe('f4d90daf4b3bca3078ab155816175ba34c443a7b');
  });

  test.each(['#', '#/page?x=1', '#a#b\nc'])('does not see %j at the end of the URL', (end) => {
    expect(jsSdkSignature({ ...example, url: PAGE + end })).toBe(jsSdkSignature({ ...example, url: PAGE }));
  });
});

let server: Server;
let issued = 0;
let refusal: object | undefined;
beforeAll(async () => {
  server = await startServer((call) =>
    call.path === '/cgi-bin/stable_token'
      ? { access_token: 'T', expires_in: 7200 }
      : (refusal ?? { errcode: 0, errmsg: 'ok', ticket: `TICKET-${++issued}`, expires_in: 7200 }),
  );
});
afterAll(() => server.close());
beforeEach(() => {
  server.calls.length = 0;
  refusal = undefined;
});
const fetches = () => server.calls.filter(({ path }) => path === '/cgi-bin/ticket/getticket');

/** What one process has. */
function startProcess(options: Partial<JsSdkOptions> = {}) {
  const wechat = createWeChat({ appId: APP_ID, appSecret: SECRET, baseUrl: server.url });
  afterAll(() => wechat.close());
  return createJsSdkApi(wechat, { appId: APP_ID, log: silentLog(), ...options });
}

describe('a page', () => {
  test('gets what wx.config takes, signed with the ticket', async () => {
    const jsSdk = startProcess({ now: () => 1_414_587_457_999 });
    const config = await jsSdk.signature(`${PAGE}#part`);
    expect(config).toMatchObject({
      appId: APP_ID,
      timestamp: 1414587457,
      nonceStr: expect.stringMatching(/^\w{16,}$/),
    });
    const signed = `jsapi_ticket=${await jsSdk.ticket()}&noncestr=${config.nonceStr}&timestamp=1414587457&url=${PAGE}`;
    expect(config.signature).toBe(createHash('sha1').update(signed).digest('hex'));
  });

  test('never gets the nonce of another', async () => {
    const jsSdk = startProcess();
    const [one, other] = [await jsSdk.signature(PAGE), await jsSdk.signature(PAGE)];
    expect(one.nonceStr).not.toBe(other.nonceStr);
  });
});

describe('the ticket', () => {
  test('is fetched once, however many ask at the same time', async () => {
    const jsSdk = startProcess();
    const tickets = await Promise.all(Array.from({ length: 9 }, () => jsSdk.ticket()));
    expect(new Set([...tickets, await jsSdk.ticket()])).toEqual(new Set([`TICKET-${issued}`]));
    expect(fetches()).toHaveLength(1);
  });

  test('is fetched again shortly before it ends', async () => {
    let now = Date.now();
    const jsSdk = startProcess({ now: () => now });
    const first = await jsSdk.ticket();
    now += 6_899_000;
    expect(await jsSdk.ticket()).toBe(first);
    now += 2000;
    expect(await jsSdk.ticket()).not.toBe(first);
    expect(fetches()).toHaveLength(2);
  });

  test('is one for all processes that share a Redis, beside the token', async () => {
    const redis = connectWorker(inject('redisUrl'), () => undefined);
    const tag = `{test-${randomBytes(6).toString('hex')}:${APP_ID}}`;
    const [one, other] = [createTicketCache(redis, tag), createTicketCache(redis, tag)];
    const ticket = await startProcess({ cache: one }).ticket();
    expect(await startProcess({ cache: other }).ticket()).toBe(ticket);
    expect(fetches()).toHaveLength(1);
    expect((await createTokenCache(redis, tag).read()).token).toBeUndefined();
    redis.disconnect();
  });

  test('that is refused is not asked for again at each view of a page, but half a minute later', async () => {
    let now = Date.now();
    const jsSdk = startProcess({ now: () => now });
    refusal = { errcode: 48001, errmsg: 'api unauthorized' };
    for (let i = 0; i < 3; i++) await expect(jsSdk.signature(PAGE)).rejects.toMatchObject({ errcode: 48001 });
    expect(fetches()).toHaveLength(1);
    refusal = undefined;
    now += 31_000;
    expect(await jsSdk.ticket()).toBe(`TICKET-${issued}`);
  });

  test('of which the answer has none is an error, not the word undefined', async () => {
    refusal = { errcode: 0, errmsg: 'ok' };
    await expect(startProcess().signature(PAGE)).rejects.toThrow('answered no ticket');
  });

  test('is fetched where the place that processes share is out of reach, which is logged', async () => {
    const away = async () => Promise.reject(new Error('away'));
    const kept = keepingLog();
    const jsSdk = startProcess({ cache: { read: away, write: away }, log: kept.log });
    expect(await jsSdk.ticket()).toBe(`TICKET-${issued}`);
    expect(kept.events('ticket.cache_unreachable')).toHaveLength(2);
  });
});
