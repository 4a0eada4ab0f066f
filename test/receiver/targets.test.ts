// A proxy in front may name the server in the request's target too (RFC 9112, 3.2.2).
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { createHarness } from './harness.ts';
import { newOpenid, plain, textXml } from './requests.ts';

const harness = createHarness();
const receiver = await harness.start([]);
afterAll(() => harness.close());

test.each([
  ['absolute-form', 'http://example.com'],
  ['absolute-form, with a port', 'http://example.com:8080'],
  ['origin-form', ''],
])('a push whose target is in %s is accepted', async (_, server) => {
  const { query, body } = plain(textXml(newOpenid(), '你好'));
  const path = `${server}/wechat?${new URLSearchParams(query)}`;
  const { hostname, port } = new URL(receiver.url);
  const answer = await new Promise<[number | undefined, string]>((resolve, reject) => {
    request({ hostname, port, path, method: 'POST' }, async (response) =>
      resolve([response.statusCode, await text(response)]),
    )
      .on('error', reject)
      .end(body);
  });
  expect(answer).toEqual([200, 'success']);
});
