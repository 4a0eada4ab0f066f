import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { serversOf } from '../../src/api/hosts.ts';
import { createHttp, type HttpOptions } from '../../src/api/http.ts';
import { freePort } from '../helpers/ports.ts';
import { NO_ANSWERS, type Server, startServer } from './server.ts';

const post = { method: 'POST', path: '/cgi-bin/message/custom/send', json: {} } as const;
const get = { method: 'GET', path: '/cgi-bin/menu/get' } as const;

let first: Server;
let second: Server;
let nobody: string;
const closing: (() => Promise<void>)[] = [];
beforeAll(async () => {
  first = await startServer(() => ({ server: 1 }));
  second = await startServer(() => ({ server: 2 }));
  nobody = `http://127.0.0.1:${await freePort()}`;
});
beforeEach(() => {
  first.answerWith(() => ({ server: 1 }));
  first.calls.length = 0;
  second.calls.length = 0;
});
afterAll(async () => {
  await Promise.all(closing.map((close) => close()));
  await Promise.all([first.close(), second.close()]);
});

function open(url: string, options: HttpOptions = {}) {
  const http = createHttp(url, { others: [second.url], ...options });
  closing.push(() => http.close());
  return http;
}

test('WeChat’s other servers stand behind its first one, and behind no other', () => {
  expect(serversOf('https://api.weixin.qq.com')).toEqual(
    ['api', 'api2', 'sh.api', 'sz.api', 'hk.api'].map((host) => `https://${host}.weixin.qq.com`),
  );
  for (const url of [
    'https://sh.api.weixin.qq.com',
    'http://127.0.0.1:8082',
    'https://proxy.example/api.weixin.qq.com',
  ])
    expect(serversOf(url)).toEqual([url]);
});

describe('a server that cannot be reached', () => {
  test('is replaced by the next in the same call, for nothing was written', async () => {
    expect(await open(nobody).call(post)).toEqual({ server: 2 });
    expect(second.calls).toHaveLength(1);
  });

  test('is tried again after a while', async () => {
    let clock = Date.now();
    const http = open(first.url, { others: [second.url], now: () => clock });
    first.answerWith((_, response) => void response.writeHead(503).end());
    expect(await http.call(get)).toEqual({ server: 2 });
    first.answerWith(() => ({ server: 1 }));
    expect(await http.call(post)).toEqual({ server: 2 });
    clock += 299_000;
    expect(await http.call(post)).toEqual({ server: 2 });
    clock += 2000;
    expect(await http.call(post)).toEqual({ server: 1 });
  });

  test('fails the call where there is no other', async () => {
    const error = await open(nobody, { others: [] })
      .call(post)
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ name: 'NetworkError', inDoubt: false });
  });
});

describe('a call that was not answered', () => {
  const unanswered = NO_ANSWERS.map(([name, answering]) => ({ name, answering }));

  test.each(unanswered)('is never repeated where it might be carried out twice: $name', async ({ answering }) => {
    first.answerWith(answering);
    const http = open(first.url);
    await expect(http.call(post)).rejects.toMatchObject({ inDoubt: true });
    expect([first.calls.length, second.calls.length]).toEqual([1, 0]);
    // The next call is another matter.
    expect(await http.call(post)).toEqual({ server: 2 });
    expect([first.calls.length, second.calls.length]).toEqual([1, 1]);
  });

  test('because its caller gave it up says nothing of the server', async () => {
    const giveUp = new AbortController();
    first.answerWith(() => giveUp.abort());
    const http = open(first.url);
    await expect(http.call({ ...post, signal: giveUp.signal })).rejects.toMatchObject({ inDoubt: true });
    first.answerWith(() => ({ server: 1 }));
    expect(await http.call(post)).toEqual({ server: 1 });
  });

  test.each(unanswered)('is repeated once, elsewhere, where it only reads: $name', async ({ answering }) => {
    first.answerWith(answering);
    expect(await open(first.url).call(get)).toEqual({ server: 2 });
    expect([first.calls.length, second.calls.length]).toEqual([1, 1]);
  });

  test('is repeated at the same server where there is no other, once', async () => {
    first.answerWith((_, response) => (first.calls.length === 1 ? void response.destroy() : { server: 1 }));
    expect(await open(first.url, { others: [] }).call(get)).toEqual({ server: 1 });
    first.answerWith((_, response) => void response.destroy());
    await expect(open(first.url, { others: [] }).call(get)).rejects.toMatchObject({ inDoubt: true });
    expect(first.calls).toHaveLength(4);
  });

  test('is not repeated where the caller said so, nor where it was refused', async () => {
    first.answerWith((_, response) => void response.writeHead(502).end());
    await expect(open(first.url).call({ ...get, retries: 0 })).rejects.toThrow('502');
    first.answerWith((_, response) => void response.writeHead(404).end());
    await expect(open(first.url).call(get)).rejects.toThrow('404');
    first.answerWith(() => ({ errcode: -1, errmsg: 'system error' }));
    await expect(open(first.url).call(get)).rejects.toMatchObject({ errcode: -1 });
    expect([first.calls.length, second.calls.length]).toEqual([3, 0]);
  });
});
