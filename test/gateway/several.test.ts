// WECHAT_GATEWAY_URL names several gateways.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createGatewayHttp } from '../../src/api/behind-gateway.ts';
import { readConfig } from '../../src/config.ts';
import { type Answering, type Server, startServer } from '../api/server.ts';
import { freePort } from '../helpers/ports.ts';

const SEND = { method: 'POST', path: '/cgi-bin/message/custom/send', json: {} } as const;

let first: Server;
let second: Server;
beforeAll(async () => {
  first = await startServer(() => ({ gateway: 1 }));
  second = await startServer(() => ({ gateway: 2 }));
});
beforeEach(() => {
  first.calls.length = second.calls.length = 0;
});
afterAll(async () => {
  await Promise.all([first.close(), second.close()]);
});

const open = (urls: string) => createGatewayHttp({ url: urls, key: 'k'.repeat(43) });
const refusing = (status: number, body: object): Answering => {
  return (_, response) => void response.writeHead(status).end(JSON.stringify({ errmsg: '', ...body }));
};

describe('a gateway that certainly did nothing is passed over in the same call:', () => {
  test.each<[string, Answering]>([
    ['it has no token yet', refusing(503, { errcode: 990504, written: false })],
    ['WeChat could not be reached', refusing(502, { errcode: 990502, written: false })],
  ])('%s', async (_, answering) => {
    first.answerWith(answering);
    const http = open(`${first.url},${second.url}`);
    expect(await http.call(SEND)).toEqual({ gateway: 2 });
    expect(await http.call(SEND)).toEqual({ gateway: 2 });
    expect([first.calls.length, second.calls.length]).toEqual([1, 2]);
    expect(second.calls[0]?.headers.authorization).toBe(`Bearer ${'k'.repeat(43)}`);
    await http.close();
  });

  test('nobody listens', async () => {
    const http = open(`http://127.0.0.1:${await freePort()},${second.url}`);
    expect(await http.call(SEND)).toEqual({ gateway: 2 });
    await http.close();
  });

  test('all of them: the last one’s words are thrown, after one try each', async () => {
    for (const one of [first, second]) one.answerWith(refusing(503, { errcode: 990504, written: false }));
    const http = open(`${first.url},${second.url}`);
    await expect(http.call(SEND)).rejects.toMatchObject({ name: 'NetworkError', inDoubt: false });
    expect([first.calls.length, second.calls.length]).toEqual([1, 1]);
    second.answerWith(() => ({ gateway: 2 }));
    await http.close();
  });
});

describe('a gateway that may have passed a send on is passed over from the next call on, and nothing is sent twice:', () => {
  test.each<[string, Answering]>([
    ['WeChat did not answer it', refusing(502, { errcode: 990502, written: true })],
    ['it failed', refusing(500, { errcode: 990500, written: true })],
    ['a proxy in front of it says 502', refusing(502, {})],
    ['it closes the connection', (_, response) => void response.destroy()],
  ])('%s', async (_, answering) => {
    first.answerWith(answering);
    const http = open(`${first.url},${second.url}`);
    await expect(http.call(SEND)).rejects.toMatchObject({ name: 'NetworkError', inDoubt: true });
    expect([first.calls.length, second.calls.length]).toEqual([1, 0]);
    expect(await http.call(SEND)).toEqual({ gateway: 2 });
    await http.close();
  });
});

test.each<[string, Answering, number]>([
  ['the key is not known', refusing(401, { errcode: 990401, written: false }), 990401],
  ['it may not be called', refusing(403, { errcode: 990403, written: false }), 990403],
  ['the limit is reached', refusing(429, { errcode: 990429, written: false, retry_after: 3 }), 990429],
])('what a person has set is not evaded at another gateway: %s', async (_, answering, errcode) => {
  first.answerWith(answering);
  const http = open(`${first.url},${second.url}`);
  await expect(http.call(SEND)).rejects.toMatchObject({ errcode });
  expect([first.calls.length, second.calls.length]).toEqual([1, 0]);
  await http.close();
});

test.each([
  ['http://a.example/', 'http://a.example'],
  ['http://a.example/,https://b.example/x/', 'http://a.example,https://b.example/x'],
])('WECHAT_GATEWAY_URL=%s', (given, url) => {
  const env = { WECHAT_GATEWAY_URL: given, WECHAT_GATEWAY_KEY: 'k' };
  expect(readConfig(env, []).behindGateway).toEqual({ url, key: 'k' });
});

test('one address of several that is none stops the start', () => {
  const env = { WECHAT_GATEWAY_URL: 'http://a.example,b.example', WECHAT_GATEWAY_KEY: 'k' };
  expect(() => readConfig(env, [])).toThrow('several with commas between');
});
