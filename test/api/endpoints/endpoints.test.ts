import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createWeChat, type StandaloneWeChat } from '../../../src/index.ts';
import { type Answering, type Call, type Server, startServer } from '../server.ts';
import type { Row } from './rows/row.ts';
import { APP_ID, COMPOSED, methodsOf, rows, SECRET } from './table.ts';

const TOKEN = 'TOKEN+1/2=';

let server: Server;
let wechat: StandaloneWeChat;
let answering: Answering;
beforeAll(async () => {
  server = await startServer((call, response) =>
    call.path === '/cgi-bin/stable_token' ? { access_token: TOKEN, expires_in: 7200 } : answering(call, response),
  );
});
afterAll(() => server.close());
beforeEach(async () => {
  await wechat?.close();
  wechat = createWeChat({ appId: APP_ID, appSecret: SECRET, baseUrl: server.url });
  await wechat.warm();
  server.calls.length = 0;
});
afterAll(() => wechat.close());

const answerOf =
  ({ answer }: Row): Answering =>
  (_, response) => {
    if (!Buffer.isBuffer(answer)) return answer;
    response
      .setHeader('content-type', 'image/jpeg')
      .setHeader('content-disposition', 'attachment; filename="MEDIA.jpg"');
    return void response.end(answer);
  };

/** What a multipart body holds, as the platform's own parser reads it. */
async function uploadIn({ bytes, headers }: Call, name = 'media') {
  expect(headers['content-length']).toBe(String(bytes.length));
  const type = headers['content-type'] ?? '';
  const { [name]: media, ...fields } = Object.fromEntries(
    await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData(),
  );
  const file = media as File;
  return { name: file.name, type: file.type, bytes: Buffer.from(await file.arrayBuffer()), fields };
}

test('every method of the client has a row here, or a test of its own', () => {
  const tested = new Set([...rows.map(({ method }) => method), ...COMPOSED]);
  expect(methodsOf(wechat).filter((method) => !tested.has(method))).toEqual([]);
});

describe.each(rows.map((row) => [`${row.method}: ${row.request}`, row] as const))('%s', (_, row) => {
  const path = row.request.split(/[ ?]/)[1];

  test('is asked as the official page has it, and answers what that says', async () => {
    answering = answerOf(row);
    expect(await row.call(wechat)).toEqual(row.result);
    expect(server.calls).toHaveLength(1);
    const [call] = server.calls as [Call];
    const { method, path, query, body, headers } = call;
    expect(query.getAll('access_token')).toEqual(row.tokenless ? [] : [TOKEN]);
    query.delete('access_token');
    expect(`${method} ${path}${query.size > 0 ? `?${query}` : ''}`).toBe(row.request);
    if (row.upload) {
      const { field, ...upload } = row.upload;
      return expect(await uploadIn(call, field)).toEqual({ fields: {}, ...upload });
    }
    expect(body).toBe(row.body === undefined ? '' : JSON.stringify(row.body));
    expect(headers['content-type']).toBe(row.body === undefined ? undefined : 'application/json; charset=utf-8');
  });

  test('fails with the errcode that WeChat answers', async () => {
    answering = () => ({ errcode: 48001, errmsg: 'api unauthorized rid: 5f0a-1b2c-3d4e' });
    await expect(row.call(wechat)).rejects.toMatchObject({ name: 'ApiError', api: path, errcode: 48001 });
    expect(server.calls).toHaveLength(1);
  });

  test('is in doubt after a 502 of a gateway', async () => {
    answering = (_call, response) =>
      void response.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad Gateway</html>');
    await expect(row.call(wechat)).rejects.toMatchObject({ name: 'NetworkError', api: path, inDoubt: true });
  });

  const again = row.request.startsWith('GET') && !row.changes;
  test(`is in doubt after a cut connection, and is ${again ? 'asked once more' : 'not sent again'}`, async () => {
    answering = (_call, response) => void response.destroy();
    await expect(row.call(wechat)).rejects.toMatchObject({ name: 'NetworkError', api: path, inDoubt: true });
    expect(server.calls).toHaveLength(again ? 2 : 1);
  });
});

test('what has no method is called with the token, and again with a fresh one where WeChat refuses it', async () => {
  const refusals = [{ errcode: 40001, errmsg: 'invalid credential' }];
  answering = () => refusals.pop() ?? { errcode: 0, errmsg: 'ok', made: 1 };
  expect(await wechat.call<{ made: number }>('POST', '/cgi-bin/an/api', { any: '你' })).toEqual({ made: 1 });
  const paths = server.calls.map(({ path }) => path);
  expect(paths).toEqual(['/cgi-bin/an/api', '/cgi-bin/stable_token', '/cgi-bin/an/api']);
});
