// A request that is not WeChat's costs the receiver its headers and no more.
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, describe, expect, test } from 'vitest';
import { createHarness } from './harness.ts';
import { ACCOUNT, newOpenid, plain, post, seconds, signedQuery, textXml } from './requests.ts';

const harness = createHarness();
const env = { WECHAT_ENCODING_AES_KEY: ACCOUNT.aesKey, WECHAT_ENCRYPTION: 'safe' };
const plainReceiver = harness.start([]);
const safeReceiver = harness.start([], { env });
afterAll(() => harness.close());

/** What is answered to a request whose body never comes. */
async function answerToHeaders(port: number, query: Record<string, string>, header: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.write(`POST /wechat?${new URLSearchParams(query)} HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n`);
  const [answer] = await once(socket, 'data');
  socket.destroy();
  return String(answer);
}

const good = () => signedQuery();
const unsigned: [string, () => Record<string, string>][] = [
  ['no parameter at all', () => ({})],
  ['no signature', () => ({ timestamp: seconds(), nonce: '1' })],
  ['the signature of another Token', () => signedQuery({ token: 'AnotherToken' })],
  ['a timestamp 20 minutes old', () => signedQuery({ timestamp: String(Number(seconds()) - 1200) })],
  [
    'nothing but a msg_signature',
    () => ({ timestamp: seconds(), nonce: '1', encrypt_type: 'aes', msg_signature: 'a'.repeat(40) }),
  ],
];

describe.each([
  ['a plain account', plainReceiver],
  ['an account in safe mode', safeReceiver],
])('%s', (_, receiver) => {
  describe.each(unsigned)('a request with %s', (_, query) => {
    test.each([
      ['a length', 'Content-Length: 1000'],
      ['a length past the limit', 'Content-Length: 999999999'],
      ['no length', 'Transfer-Encoding: chunked'],
    ])('is answered 401 before a body of %s has come', async (_, header) => {
      expect(await answerToHeaders((await receiver).port, query(), header)).toMatch(/^HTTP\/1\.1 401 /);
    });
  });
});

test('in safe mode msg_signature is asked for once the body is there', async () => {
  const { url, events } = await safeReceiver;
  const before = events('push.unauthorized').length;
  const query = { ...good(), encrypt_type: 'aes', msg_signature: good().signature };
  const body = '<xml><Encrypt><![CDATA[AAAA]]></Encrypt></xml>';
  expect((await post(url, { query, body })).status).toBe(401);
  expect(events('push.unauthorized').slice(before)).toMatchObject([{ reason: 'msg_signature', count: 1 }]);
});

test('a thousand forged requests are one line in the log for each reason', async () => {
  const receiver = await harness.start([]);
  const forged = plain(textXml(newOpenid(), 'hi'), { token: 'AnotherToken' });
  const stale = plain(textXml(newOpenid(), 'hi'), { timestamp: '1500000000' });
  for (let batch = 0; batch < 20; batch++)
    await Promise.all(Array.from({ length: 50 }, (_, n) => post(receiver.url, n % 2 ? forged : stale)));
  expect(
    receiver
      .events('push.unauthorized')
      .map(({ reason }) => reason)
      .sort(),
  ).toEqual(['stale', 'token']);
});

test('its sender reads the answer though the body was on its way', async () => {
  const { url } = await plainReceiver;
  const query = signedQuery({ token: 'AnotherToken' });
  const statuses = await Promise.all(
    Array.from({ length: 20 }, async () => (await post(url, { query, body: 'x'.repeat(1_000_000) })).status),
  );
  expect(new Set(statuses)).toEqual(new Set([401]));
});
