import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiError, NetworkError } from '../../src/api/errors.ts';
import { type ApiRequest, createHttp, type Http } from '../../src/api/http.ts';
import { eventually } from '../helpers/eventually.ts';
import { freePort } from '../helpers/ports.ts';
import { NO_ANSWERS, type Server, startServer } from './server.ts';

const SECRET = 'test-app-secret-0123456789';
const TOKEN = 'an-access-token-0123456789';
const PATH = '/cgi-bin/message/custom/send';
const send: ApiRequest = {
  method: 'POST',
  path: PATH,
  query: { access_token: TOKEN },
  json: { secret: SECRET, text: '你好' },
};

let server: Server;
let http: Http;
beforeAll(async () => {
  server = await startServer(() => ({ errcode: 0, errmsg: 'ok' }));
  http = createHttp(server.url);
});
afterAll(async () => {
  await http.close();
  await server.close();
});

async function failureOf(call: Promise<unknown>): Promise<NetworkError | ApiError> {
  const error = await call.then(
    (answer) => new Error(`it was answered: ${JSON.stringify(answer)}`),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof NetworkError || error instanceof ApiError)) throw error;
  // Whatever went wrong: neither log nor page may show what the request carried.
  const shown = `${inspect(error, { depth: 20, showHidden: true })}${error.stack}${JSON.stringify(error)}`;
  expect(shown).not.toContain(SECRET);
  expect(shown).not.toContain(TOKEN);
  expect(error.message).toContain(PATH);
  return error;
}

describe('a call', () => {
  test('goes out as UTF-8, for WeChat shows an escape as it stands', async () => {
    server.answerWith(() => ({ errcode: 0 }));
    await http.call({ ...send, query: { access_token: 'a+b&c' }, json: { content: '你好 😀 "\u0007"' } });
    const call = server.calls.at(-1)!;
    expect(call).toMatchObject({ method: 'POST', path: PATH, body: '{"content":"你好 😀 \\"\\""}' });
    expect(call.query.get('access_token')).toBe('a+b&c');
    expect(call.headers['content-type']).toBe('application/json; charset=utf-8');
  });

  test('keeps the path of a base URL, as of a proxy', async () => {
    const proxied = createHttp(`${server.url}/wechat-api/`);
    await proxied.call({ method: 'GET', path: '/cgi-bin/token' });
    expect(server.calls.at(-1)).toMatchObject({ method: 'GET', path: '/wechat-api/cgi-bin/token', body: '' });
    await proxied.close();
  });

  test('returns the answer’s fields', async () => {
    server.answerWith(() => ({ access_token: 'x', expires_in: 7200 }));
    expect(await http.call(send)).toEqual({ access_token: 'x', expires_in: 7200 });
  });

  test('reads JSON with control characters in its strings, which WeChat sends as they are', async () => {
    server.answerWith((_, response) => void response.end('{\n\t"errcode":0,\r\n"nickname":"a\u0001b\nc\u001f"}'));
    expect(await http.call(send)).toEqual({ errcode: 0, nickname: 'a b c ' });
  });

  test('is seen by the tap without its query, where the token travels', async () => {
    const seen: string[] = [];
    const tapped = createHttp(server.url, { tap: (...parts) => seen.push(parts.join(' ')) });
    server.answerWith(() => ({ errcode: 0 }));
    await tapped.call({ ...send, json: { a: 1 } });
    expect(seen).toEqual([`out ${PATH} {"a":1}`, `in ${PATH} {"errcode":0}`]);
    await tapped.close();
  });
});

describe('an errcode', () => {
  test('is an ApiError with what it means, who must act, and WeChat’s rid', async () => {
    server.answerWith(() => ({ errcode: 48001, errmsg: 'api unauthorized rid: 5f0a-1b2c-3d4e' }));
    const error = (await failureOf(http.call(send))) as ApiError;
    expect(error).toMatchObject({ name: 'ApiError', api: PATH, errcode: 48001, rid: '5f0a-1b2c-3d4e' });
    expect(error.row).toMatchObject({ errcode: 48001, reaction: 'passive-only', who: 'operator' });
    expect(error.message).toContain('48001');
  });

  test('that nobody has described is given up on', async () => {
    server.answerWith(() => ({ errcode: 987654 }));
    expect(((await failureOf(http.call(send))) as ApiError).row.reaction).toBe('drop');
  });

  test('may come as a text', async () => {
    server.answerWith(() => ({ errcode: '40001', errmsg: 'invalid credential' }));
    expect(await failureOf(http.call(send))).toMatchObject({ errcode: 40001 });
  });
});

describe('without an answer it is not known whether the call was carried out', () => {
  test.each(NO_ANSWERS)('%s', async (_, answering) => {
    server.answerWith(answering);
    expect(await failureOf(http.call(send))).toMatchObject({ name: 'NetworkError', inDoubt: true, api: PATH });
  });

  test.each([500, 503, 504])('%i', async (status) => {
    server.answerWith((_, response) => void response.writeHead(status).end());
    const error = await failureOf(http.call(send));
    expect(error).toMatchObject({ inDoubt: true, message: expect.stringContaining(`HTTP ${status}`) });
  });

  test('given up by its caller while it waits, with a reason that can be read', async () => {
    const giveUp = new AbortController();
    server.answerWith(() => giveUp.abort(new Error('the drain is over')));
    const error = await failureOf(http.call({ ...send, signal: giveUp.signal }));
    expect(error).toMatchObject({ inDoubt: true, message: expect.stringMatching(/aborted|drain is over/) });
  });

  test('out of time, with a reason that can be read', async () => {
    server.answerWith(() => undefined);
    const error = await failureOf(http.call({ ...send, signal: AbortSignal.timeout(200) }));
    expect(error).toMatchObject({ inDoubt: true, message: expect.stringMatching(/aborted|timeout/) });
  });
});

describe('without an answer it is certain that nothing was done', () => {
  test.each([400, 404, 413, 429])('where the server refused it with %i', async (status) => {
    server.answerWith((_, response) => void response.writeHead(status).end());
    expect(await failureOf(http.call(send))).toMatchObject({ name: 'NetworkError', inDoubt: false });
  });

  test('where nobody listens, at an address or a name', async () => {
    const port = await freePort();
    for (const host of ['127.0.0.1', 'localhost']) {
      const nobody = createHttp(`http://${host}:${port}`);
      const error = await failureOf(nobody.call(send));
      expect(error).toMatchObject({ inDoubt: false, message: expect.stringContaining('ECONNREFUSED') });
      await nobody.close();
    }
  });

  test('given up by its caller before it was called', async () => {
    const before = server.calls.length;
    const signal = AbortSignal.abort(new Error('the drain is over'));
    expect(await failureOf(http.call({ ...send, signal }))).toMatchObject({
      inDoubt: false,
      message: expect.stringContaining('the drain is over'),
    });
    expect(server.calls).toHaveLength(before);
  });

  test('given up by its caller while it waits for a connection, at once, though the same signal ends others in doubt', async () => {
    const busy = createHttp(server.url, { connections: 1 });
    const giveUp = new AbortController();
    server.answerWith(() => undefined);
    const before = server.calls.length;
    const first = failureOf(busy.call({ ...send, signal: giveUp.signal }));
    await eventually(() => expect(server.calls).toHaveLength(before + 1));
    const second = failureOf(busy.call({ ...send, signal: giveUp.signal }));
    const held = failureOf(busy.call(send));
    const third = new AbortController();
    const queued = failureOf(busy.call({ ...send, signal: third.signal }));
    third.abort(new Error('enough'));
    expect(await queued).toMatchObject({ inDoubt: false });
    giveUp.abort(new Error('the drain is over'));
    expect(await first).toMatchObject({ inDoubt: true });
    expect(await second).toMatchObject({ inDoubt: false });
    await eventually(() => expect(server.calls).toHaveLength(before + 2));
    server.closeConnections();
    expect(await held).toMatchObject({ inDoubt: true });
    await busy.close();
  });

  test('where no secure connection came about', async () => {
    const strange = createHttp(server.url.replace('http:', 'https:'));
    expect(await failureOf(strange.call(send))).toMatchObject({ inDoubt: false });
    await strange.close();
  });
});

test('one call’s failure costs the next nothing', async () => {
  server.answerWith((_, response) => void response.destroy());
  await failureOf(http.call(send));
  server.answerWith(() => ({ errcode: 0 }));
  expect(await http.call(send)).toEqual({ errcode: 0 });
});

describe('numbers in an answer', () => {
  test('keep their digits: those too long for a number are strings, at any depth', async () => {
    server.answerWith((_, response) => {
      response.end(
        '{"errcode":0,"msgid":24900000000000123456,"neg":-9007199254740993,"safe":9007199254740991,"list":[{"msg_data_id":9007199254740993}],"text":"12345678901234567890","half":0.5,"e":1e3}',
      );
    });
    expect(await http.call(send)).toEqual({
      errcode: 0,
      msgid: '24900000000000123456',
      neg: '-9007199254740993',
      safe: 9007199254740991,
      list: [{ msg_data_id: '9007199254740993' }],
      text: '12345678901234567890',
      half: 0.5,
      e: 1000,
    });
  });
});

test('every request carries the headers it was told to', async () => {
  const keyed = createHttp(server.url, { headers: { 'x-key': 'k' } });
  server.answerWith(() => ({ errcode: 0 }));
  await keyed.call(send);
  expect(server.calls.at(-1)?.headers).toMatchObject({
    'x-key': 'k',
    'content-type': 'application/json; charset=utf-8',
  });
  await keyed.close();
});
