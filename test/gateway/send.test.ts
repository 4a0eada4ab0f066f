// POST /send: another program leaves a message for a user, with a key that may do that and nothing else.
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPlace, type RunningGateway, startWeChatServer } from './harness.ts';

const OPENID = 'oGateway00000000000000000001';
let wechat: Awaited<ReturnType<typeof startWeChatServer>>;
let place: ReturnType<typeof createPlace>;
let gateway: RunningGateway;

beforeAll(async () => {
  wechat = await startWeChatServer();
  place = createPlace(
    [
      { name: 'shop', send: true },
      { name: 'other', allow: ['/cgi-bin/*'] },
      { name: 'slow', send: true, limits: { '/send': '1/min' } },
    ],
    wechat.url,
  );
  gateway = await place.start();
});
afterAll(async () => {
  await place.close();
  await wechat.close();
});

const send = async (as: string, body: unknown) => {
  const response = await gateway.ask('/send', {
    as,
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

async function waiting(): Promise<{ openid: string; message: unknown }[]> {
  const redis = new Redis(place.env['REDIS_URL'] as string);
  const keys = await redis.keys(`{${place.env['WXRELAY_PREFIX']}:0}:lane:deliver:*`);
  const entries = await Promise.all(keys.map((key) => redis.lrange(key, 0, -1)));
  redis.disconnect();
  return entries.flat().map((entry) => JSON.parse(entry.slice(entry.indexOf('{'))));
}

test('a text and a message are kept for a worker, each id once, and nothing is asked of WeChat', async () => {
  const first = await send('shop', { openid: OPENID, text: '你的快递到了', id: 'parcel 1' });
  expect(first).toEqual({ status: 202, body: { key: expect.stringMatching(/^[\w.]{16}-[\w-]{12}$/), isNew: true } });
  const again = await send('shop', { openid: OPENID, text: '你的快递到了', id: 'parcel 1' });
  expect(again).toEqual({ status: 202, body: { ...first.body, isNew: false } });
  const message = { type: 'image', url: 'https://example.com/a.png' };
  expect((await send('shop', { openid: OPENID, message: ['看', message] })).status).toBe(202);
  expect(await waiting()).toMatchObject([
    { openid: OPENID, message: { type: 'text', content: '你的快递到了' } },
    { message: { content: '看' } },
    { message: { type: 'image' }, media: { url: 'https://example.com/a.png' } },
  ]);
  expect(wechat.proxied()).toEqual([]);
});

test.each([
  ['no JSON', 'nothing'],
  ['neither text nor message', { openid: OPENID }],
  ['both', { openid: OPENID, text: 'a', message: { type: 'text', content: 'b' } }],
  ['an unknown field', { openid: OPENID, text: 'a', at: 'noon' }],
  ['no openid', { openid: 'a b', text: 'a' }],
  ['an empty text', { openid: OPENID, text: ' ' }],
  ['a message that WeChat would refuse', { openid: OPENID, message: { type: 'msgmenu', items: [] } }],
  ['a file of the gateway', { openid: OPENID, message: { type: 'image', file: '/etc/passwd' } }],
  [
    'a file of the gateway as a thumb',
    { openid: OPENID, message: [{ type: 'music', thumb: { file: '/etc/passwd' } }] },
  ],
])('%s is refused, and nothing is kept', async (_, body) => {
  const before = await waiting();
  expect(await send('shop', body)).toMatchObject({ status: 400, body: { errcode: 990400, written: false } });
  expect(await waiting()).toEqual(before);
});

test('only a key that may send can, and no oftener than its limit says', async () => {
  expect(await send('other', { openid: OPENID, text: 'a' })).toMatchObject({ status: 403, body: { errcode: 990403 } });
  expect((await send('slow', { openid: OPENID, text: 'a' })).status).toBe(202);
  expect(await send('slow', { openid: OPENID, text: 'b' })).toMatchObject({ status: 429, body: { errcode: 990429 } });
  expect((await gateway.ask('/send', { as: 'shop' })).status).not.toBe(200);
  expect(gateway.lines.join('\n')).not.toContain(OPENID);
});
