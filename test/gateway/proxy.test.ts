import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { freePort } from '../helpers/ports.ts';
import { bearer, createPlace, type RunningGateway, startWeChatServer } from './harness.ts';

const OK = () => ({ errcode: 0, errmsg: 'ok' });
const RID = '/cgi-bin/openapi/rid/get';
const SEND = '/cgi-bin/message/custom/send';

let wechat: Awaited<ReturnType<typeof startWeChatServer>>;
let place: ReturnType<typeof createPlace>;
let gateway: RunningGateway;
beforeAll(async () => {
  wechat = await startWeChatServer();
  place = createPlace([{ name: 'all', allow: ['/*', RID] }], wechat.url);
  gateway = await place.start(['--role', 'proxy']);
});
afterAll(async () => {
  await place.close();
  await wechat.close();
});
beforeEach(() => wechat.serveWith(OK));

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('files', () => {
  const FILE = randomBytes(24 * 1024 * 1024);

  test.each(['with', 'without'] as const)(
    'are passed on as they come, %s a length, and not one byte is another',
    async (length) => {
      const seen: { hash: string; sizes: number[]; length: string | undefined }[] = [];
      let firstByte = () => {};
      const began = new Promise<void>((resolve) => {
        firstByte = resolve;
      });
      wechat.serveWith(async ({ headers }, request) => {
        const hash = createHash('sha256');
        let size = 0;
        for await (const chunk of request) {
          firstByte();
          hash.update(chunk);
          size += chunk.length;
        }
        seen.push({ hash: hash.digest('hex'), sizes: [size], length: headers['content-length'] });
        return { media_id: 'M' };
      });
      // The client holds its last bytes back until WeChat has seen the first: what were gathered first would never end.
      async function* slowly() {
        for (let at = 0; at < FILE.length; at += 65_536) {
          if (at + 65_536 >= FILE.length) await began;
          yield FILE.subarray(at, at + 65_536);
        }
      }
      const headers = {
        'content-type': 'multipart/form-data; boundary=x',
        ...(length === 'with' ? { 'content-length': String(FILE.length) } : {}),
      };
      const answer = await gateway.ask('/cgi-bin/media/upload?type=video', {
        method: 'POST',
        headers,
        body: Readable.toWeb(Readable.from(slowly())) as never,
        duplex: 'half',
      } as RequestInit);
      expect(await answer.json()).toEqual({ media_id: 'M' });
      expect(seen).toMatchObject([{ hash: sha(FILE), sizes: [FILE.length] }]);
      await eventually(() =>
        expect(gateway.events('gateway.call').at(-1)).toMatchObject({
          path: '/cgi-bin/media/upload',
          bytesIn: FILE.length,
        }),
      );
    },
  );

  test('take no memory that grows with them', async () => {
    const rss = () =>
      Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${gateway.process.pid}/status`, 'utf8'))?.[1]) * 1024;
    const body = randomBytes(30 * 1024 * 1024);
    wechat.serveWith(async (_, request) => {
      for await (const _ of request);
      return { media_id: 'M' };
    });
    const upload = async () => (await gateway.ask('/cgi-bin/media/upload', { method: 'POST', body })).status;
    expect(await upload()).toBe(200);
    const before = rss();
    const statuses = await Promise.all(Array.from({ length: 10 }, upload));
    expect(new Set(statuses)).toEqual(new Set([200]));
    // 300 MB at once; kept whole they would all show.
    expect(rss() - before).toBeLessThan(100 * 1024 * 1024);
  });

  test('come back as they are, whatever their length says', async () => {
    const file = Buffer.concat([Buffer.from('{'), FILE.subarray(0, 5_000_000)]);
    for (const headers of [{ 'content-length': file.length }, {}]) {
      wechat.serveWith((_, __, response) => {
        response.writeHead(200, {
          'content-type': 'image/jpeg',
          'content-disposition': 'attachment; filename="a.jpg"',
          ...headers,
        });
        response.end(file);
      });
      const answer = await gateway.ask('/cgi-bin/media/get?media_id=M');
      expect(answer.headers.get('content-disposition')).toBe('attachment; filename="a.jpg"');
      expect(answer.headers.get('content-type')).toBe('image/jpeg');
      expect(sha(new Uint8Array(await answer.arrayBuffer()))).toBe(sha(file));
    }
  });

  test('that WeChat cuts are cut for the client too', async () => {
    wechat.serveWith((_, __, response) => {
      response.writeHead(200, { 'content-type': 'image/jpeg', 'content-length': FILE.length });
      response.write(FILE.subarray(0, 1_000_000), () => response.destroy());
    });
    await expect(gateway.ask('/cgi-bin/media/get').then((answer) => answer.arrayBuffer())).rejects.toThrow();
    await eventually(() => expect(gateway.events('gateway.call').at(-1)).toMatchObject({ cut: true }));
  });

  test('that are too large are refused, whether they say so or not', async () => {
    const before = wechat.proxied().length;
    const large = Buffer.alloc(33 * 1024 * 1024);
    const said = await gateway.ask('/cgi-bin/media/upload', { method: 'POST', body: large });
    expect(said.status).toBe(413);
    expect(await said.json()).toMatchObject({ errcode: 990413, written: false });
    expect(wechat.proxied()).toHaveLength(before);
    wechat.serveWith(async (_, request) => {
      // It never sees the end.
      await new Response(Readable.toWeb(request) as never).arrayBuffer().catch(() => undefined);
      return OK();
    });
    const unsaid = await gateway.ask('/cgi-bin/media/upload', {
      method: 'POST',
      body: Readable.toWeb(Readable.from([large.subarray(0, 20_000_000), large.subarray(0, 20_000_000)])) as never,
      duplex: 'half',
    } as RequestInit);
    expect(unsaid.status).toBe(413);
    // The rest goes by: the connection is good for the next call.
    for (let n = 0; n < 5; n++) expect((await gateway.ask('/cgi-bin/user/get')).status).toBe(200);
  });
});

describe('a token that WeChat refuses', () => {
  test.each([40001, 40014, 42001])('with %i is replaced, and the call made once more', async (errcode) => {
    const bodies: string[] = [];
    wechat.serveWith(async ({ query }, request) => {
      bodies.push(await new Response(Readable.toWeb(request) as never).text());
      return query.get('access_token') === wechat.issued.at(-1) && bodies.length > 1
        ? OK()
        : { errcode, errmsg: 'invalid credential' };
    });
    const before = wechat.issued.length;
    const answer = await gateway.ask(SEND, { method: 'POST', body: '{"touser":"o"}' });
    expect(await answer.json()).toEqual(OK());
    expect(bodies).toEqual(['{"touser":"o"}', '{"touser":"o"}']);
    expect(wechat.issued).toHaveLength(before + 1);
  });

  test('again is not tried a third time: the client learns it', async () => {
    wechat.serveWith(() => ({ errcode: 40001, errmsg: 'invalid credential rid: 1-2-3' }));
    const before = wechat.proxied().length;
    const answer = await gateway.ask('/cgi-bin/user/get');
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { errcode: 40001, errmsg: 'invalid credential rid: 1-2-3' },
    ]);
    expect(wechat.proxied()).toHaveLength(before + 2);
  });

  describe.each([
    ['once it has read the body', true],
    ['before it has read the body', false],
  ])('under an upload, said by WeChat %s, is replaced, and the upload is repeated:', (_, readsFirst) => {
    test.each([300_000, 3_000_000, 32 * 1024 * 1024])('of %i bytes', async (size) => {
      const body = randomBytes(size);
      const before = { calls: wechat.proxied().length, tokens: wechat.issued.length };
      let arrived = '';
      wechat.serveWith(async ({ query }, request, response) => {
        const isFresh = query.get('access_token') === wechat.issued[before.tokens];
        if (isFresh) {
          arrived = sha(await buffer(request));
          return { media_id: 'M' };
        }
        if (readsFirst) for await (const _ of request);
        else response.setHeader('connection', 'close');
        return { errcode: 40001, errmsg: 'invalid credential' };
      });
      const answer = await gateway.ask('/cgi-bin/media/upload', { method: 'POST', body });
      expect(await answer.json()).toEqual({ media_id: 'M' });
      expect(arrived).toBe(sha(body));
      expect(wechat.proxied()).toHaveLength(before.calls + 2);
    });
  });

  test.each([48001, 45009, -1])('is not at fault for %i', async (errcode) => {
    wechat.serveWith(() => ({ errcode, errmsg: 'no' }));
    const before = { calls: wechat.proxied().length, tokens: wechat.issued.length };
    expect(await (await gateway.ask('/cgi-bin/user/get')).json()).toEqual({ errcode, errmsg: 'no' });
    expect([wechat.proxied().length, wechat.issued.length]).toEqual([before.calls + 1, before.tokens]);
  });
});

describe('the token never comes back', () => {
  test('in a redirect, a header, an echo, an error page or a download, even cut in two', async () => {
    const answers: ((url: string, token: string) => [number, Record<string, string>, Buffer[]])[] = [
      (url) => [302, { location: `https://x.example${url}`, 'x-echo': url, 'set-cookie': url }, []],
      (url) => [200, { 'content-type': 'application/json' }, [Buffer.from(`{"errcode":40035,"errmsg":"${url}"}`)]],
      (url) => [502, { 'content-type': 'text/html' }, [Buffer.from(`<html>${url}</html>`)]],
      (_, token) => [
        200,
        { 'content-type': 'image/jpeg' },
        [
          Buffer.alloc(70_000, 'x'),
          Buffer.from(token.slice(0, 50)),
          Buffer.from(token.slice(50)),
          Buffer.alloc(70_000, 'y'),
        ],
      ],
      (_, token) => [200, {}, [Buffer.concat([Buffer.alloc(70_000, '{'), Buffer.from(`${token}${token}`)])]],
    ];
    for (const answering of answers) {
      wechat.serveWith(async ({ query }, request, response) => {
        const [status, headers, chunks] = answering(request.url ?? '', query.get('access_token') ?? '');
        response.writeHead(status, headers);
        for (const chunk of chunks) await new Promise((done) => response.write(chunk, () => setTimeout(done, 20)));
        response.end();
      });
      const answer = await gateway.ask('/cgi-bin/user/get?a=1');
      const shown = JSON.stringify([...answer.headers]) + Buffer.from(await answer.arrayBuffer()).toString('latin1');
      const token = wechat.proxied().at(-1)?.query.get('access_token') ?? 'none';
      expect(shown).not.toContain(token.slice(0, 60));
      expect(shown).not.toContain(token.slice(-60));
      expect(shown).toContain('**');
    }
  });

  test('nor does any other, or a secret, in what WeChat remembers of another call', async () => {
    const TOKEN = `77_${randomBytes(66).toString('hex')}`;
    const remembered = (filling: string) => ({
      request: {
        request_url: `/cgi-bin/user/get?access_token=${TOKEN}&secret=${TOKEN}`,
        request_body: `{"filling":"${filling}","appsecret": "${TOKEN}","force_refresh":true}`,
        response_body: JSON.stringify({ access_token: TOKEN, expires_in: 7200 }),
        client_ip: '203.0.113.7',
      },
    });
    for (const size of [0, 50_000, 65_000, 65_300, 65_490, 130_000, 1_000_000]) {
      const said = remembered('x'.repeat(size));
      wechat.serveWith(() => said);
      const shown = await (await gateway.ask(RID, { method: 'POST', body: '{"rid":"1-2-3"}' })).text();
      expect(shown).toHaveLength(JSON.stringify(said).length);
      expect(shown).not.toMatch(new RegExp(`${TOKEN.slice(0, 20)}|${TOKEN.slice(-20)}`));
      expect(shown).toContain('"client_ip":"203.0.113.7"');
      expect(JSON.parse(JSON.parse(shown).request.response_body)).toMatchObject({ expires_in: 7200 });
    }
  });

  test('packed, although packing was not asked for', async () => {
    wechat.serveWith((_, __, response) => void response.writeHead(200, { 'content-encoding': 'gzip' }).end('x'));
    const answer = await gateway.ask('/cgi-bin/user/get', { headers: { 'accept-encoding': 'gzip' } });
    expect(wechat.proxied().at(-1)?.headers['accept-encoding']).toBe('identity');
    expect(await answer.json()).toMatchObject({ errcode: 990502, written: true });
  });

  test('in a log line', () => {
    const log = place.allLines().join('\n');
    expect(wechat.issued.length).toBeGreaterThan(1);
    for (const token of wechat.issued) expect(log).not.toContain(token);
  });
});

test('a client that leaves before its body is whole is no failure of the gateway', async () => {
  const before = wechat.proxied().length;
  const { hostname, port } = new URL(gateway.url);
  const headers = { ...bearer('all'), 'content-length': 1000 };
  const leaving = request({ hostname, port, method: 'POST', path: SEND, headers }).on('error', () => undefined);
  leaving.write('x'.repeat(500));
  await eventually(() => expect(leaving.writableLength).toBe(0));
  leaving.destroy();
  await eventually(() => expect(gateway.events('gateway.call').at(-1)).toMatchObject({ path: SEND, status: 400 }));
  expect(gateway.events('gateway.failed')).toEqual([]);
  expect(wechat.proxied()).toHaveLength(before);
});

test('only what concerns the content reaches WeChat', async () => {
  await gateway.ask('/cgi-bin/user/get', {
    headers: {
      accept: 'application/json',
      cookie: 'a=b',
      forwarded: 'for=1.2.3.4',
      'x-http-method-override': 'DELETE',
      'x-original-url': '/cgi-bin/token',
      'proxy-authorization': 'Basic x',
      'wechatmp-signature': 'abc',
      te: 'trailers',
    },
  });
  const { headers = {} } = wechat.proxied().at(-1) ?? {};
  expect(headers).toMatchObject({ accept: 'application/json', 'wechatmp-signature': 'abc' });
  for (const name of [
    'authorization',
    'cookie',
    'forwarded',
    'x-http-method-override',
    'x-original-url',
    'proxy-authorization',
    'te',
  ])
    expect(headers).not.toHaveProperty(name);
});

describe('where WeChat does not answer, the client learns whether it may have been carried out', () => {
  test('cut after the call was written', async () => {
    wechat.serveWith((_, __, response) => void response.destroy());
    const answer = await gateway.ask(SEND, { method: 'POST', body: '{}' });
    expect(answer.status).toBe(502);
    expect(await answer.json()).toMatchObject({ errcode: 990502, written: true });
  });

  test('not listening', async (t) => {
    const nowhere = createPlace([{ name: 'all', allow: ['/*'] }], `http://127.0.0.1:${await freePort()}`, {
      WXRELAY_PREFIX: place.env['WXRELAY_PREFIX'] as string,
    });
    t.onTestFinished(() => nowhere.close());
    const answer = await (await nowhere.start()).ask(SEND, { method: 'POST', body: '{}' });
    expect(await answer.json()).toMatchObject({ errcode: 990502, written: false });
  });

  test('giving out no token', async (t) => {
    const nowhere = createPlace([{ name: 'all', allow: ['/*'] }], `http://127.0.0.1:${await freePort()}`);
    t.onTestFinished(() => nowhere.close());
    const lonely = await nowhere.start();
    const answer = await lonely.ask(SEND, { method: 'POST', body: '{}' });
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('5');
    expect(await answer.json()).toMatchObject({ errcode: 990504, written: false, retry_after: 5 });
    expect((await fetch(`${lonely.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${lonely.url}/healthz`)).status).toBe(200);
  });
});

test('METRICS_PORT counts calls by client, entry of the allow-list and status', async (t) => {
  const port = await freePort();
  const own = await place.start([], { METRICS_PORT: String(port) });
  t.onTestFinished(() => own.kill('SIGKILL'));
  await own.ask('/cgi-bin/user/get');
  await own.ask('/nowhere');
  await own.ask('/cgi-bin/user/get', { as: 'stranger' });
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(text).toContain('wxrelay_gateway_requests_total{client="all",allowed="/*",status="200"} 1');
  expect(text).toContain('wxrelay_gateway_requests_total{client="all",allowed="none",status="404"} 1');
  expect(text).toContain('wxrelay_gateway_requests_total{client="none",allowed="none",status="401"} 1');
});
