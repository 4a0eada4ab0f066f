import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import Koa, { type Middleware } from 'koa';
import { afterAll, describe, expect, test } from 'vitest';
import { createReceiver } from '../../src/receiver/receiver.ts';
import { eventually } from '../helpers/eventually.ts';
import { freePort } from '../helpers/ports.ts';
import { createHarness, keepingLog } from './harness.ts';
import { type Answer, field, get, newOpenid, plain, post, signedQuery, textXml } from './requests.ts';

const LIMIT = 256 * 1024;
const harness = createHarness();
const ran: string[] = [];
const echo = {
  name: 'echo',
  on: 'text' as const,
  reply({ push }: { push: { Content: string } }) {
    ran.push(push.Content);
    return push.Content.slice(0, 20);
  },
};
const receiver = harness.start([echo]);
afterAll(() => harness.close());

const signedUrl = (url: string) => `${url}?${new URLSearchParams(signedQuery())}`;
/** A push of exactly so many bytes. */
function pushOf(size: number): string {
  const xml = textXml(newOpenid(), 'long');
  return xml.replace('long', 'x'.repeat(size - Buffer.byteLength(xml) + 'long'.length));
}
const send = async (body: RequestInit['body'], headers: Record<string, string> = {}): Promise<[number, string]> => {
  const answer = await fetch(signedUrl((await receiver).url), {
    method: 'POST',
    body,
    headers,
    duplex: 'half',
  } as RequestInit);
  return [answer.status, await answer.text()];
};
function inChunks(...chunks: (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(typeof chunk === 'string' ? encoder.encode(chunk) : chunk);
      controller.close();
    },
  });
}

describe('the size of a body', () => {
  test('256 KiB is taken, and one byte more is answered 413, before anything is verified', async () => {
    expect((await send(pushOf(LIMIT)))[0]).toBe(200);
    expect(await send(pushOf(LIMIT + 1))).toEqual([413, '']);
    expect((await receiver).events('push.unreadable').at(-1)).toMatchObject({ status: 413 });
  });

  test('a body that hides its size by coming in chunks is bounded all the same', async () => {
    expect((await send(inChunks(...pushOf(LIMIT).match(/.{1,60000}/gs)!)))[0]).toBe(200);
    expect(await send(inChunks(...pushOf(LIMIT + 1).match(/.{1,60000}/gs)!))).toEqual([413, '']);
  });

  test('an endless body is answered while it still comes', async () => {
    const { port } = await receiver;
    const sending = request({
      port,
      host: '127.0.0.1',
      method: 'POST',
      path: `/wechat?${new URLSearchParams(signedQuery())}`,
    });
    sending.on('error', () => undefined);
    const answered = once(sending, 'response');
    const endless = setInterval(() => sending.write('x'.repeat(65_536)), 5);
    const [answer] = await answered;
    clearInterval(endless);
    expect(answer.statusCode).toBe(413);
    sending.destroy();
  });
});

describe('what is no push', () => {
  test('a compressed body is answered 415: WeChat never compresses', async () => {
    expect(await send(gzipSync(textXml(newOpenid(), 'hi')), { 'content-encoding': 'gzip' })).toEqual([415, '']);
    expect((await send(textXml(newOpenid(), 'hi'), { 'content-encoding': 'identity' }))[0]).toBe(200);
  });

  test.each([
    ['nothing', ''],
    ['JSON', '{"ToUserName":"gh_0"}'],
    ['HTML', '<html><body>hi</body></html>'],
    ['a document that breaks off', '<xml><ToUserName><![CDATA[gh_0]]></ToUserName><FromUserName><![CDATA[o'],
    [
      'a document without a sender',
      '<xml><ToUserName>gh_0</ToUserName><CreateTime>1</CreateTime><MsgType>text</MsgType></xml>',
    ],
    ['a DOCTYPE', `<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]>${textXml(newOpenid(), 'hi')}`],
    [
      'an element called __proto__',
      textXml(newOpenid(), 'hi').replace('</xml>', '<__proto__><a>1</a></__proto__></xml>'),
    ],
  ])('%s under a good signature is answered success, for a fault would only be repeated', async (_, body) => {
    const before = (await receiver).events('push.malformed').length;
    expect(await send(body)).toEqual([200, 'success']);
    expect((await receiver).events('push.malformed')).toHaveLength(before + 1);
  });

  test('control characters and ]]> in what a user wrote cost nothing', async () => {
    for (const written of ['\u0001\u0010\u001d', 'a]]>b', '<xml><a><![CDATA[x]]></a></xml>']) {
      expect((await send(textXml(newOpenid(), written)))[0]).toBe(200);
      expect(ran.at(-1)).toBe(written);
    }
  });

  test('UTF-8 that breaks off is read with a replacement character', async () => {
    const [head, tail] = textXml(newOpenid(), 'half HERE').split('HERE') as [string, string];
    const cut = Buffer.concat([Buffer.from(head), Buffer.from('好').subarray(0, 2), Buffer.from(tail)]);
    expect((await send(cut))[0]).toBe(200);
    expect(ran.at(-1)).toBe('half \ufffd');
  });

  test('a character that the network cuts in two arrives whole', async () => {
    const bytes = Buffer.from(textXml(newOpenid(), '你好😀'));
    const chunks = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect((await send(inChunks(...chunks)))[0]).toBe(200);
    expect(ran.at(-1)).toBe('你好😀');
  });

  test.each([
    ['resets', true],
    ['closes', false],
  ])(
    'a client that %s the connection in the middle of its body is noted in one line, and nothing runs',
    async (_, resets) => {
      const { port, events, lines } = await harness.start([echo]);
      const before = ran.length;
      const xml = textXml(newOpenid(), 'never complete');
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      // Waits for "100 Continue", so that the receiver is reading when the connection ends.
      const query = new URLSearchParams(signedQuery());
      const length = xml.length + 100;
      socket.write(
        `POST /wechat?${query} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`,
      );
      await once(socket, 'data');
      socket.write(xml);
      if (resets) socket.resetAndDestroy();
      else socket.end();
      // Koa reports the same to its app: after that nothing more can come.
      await eventually(() => expect(events('http.client_hung_up')).toHaveLength(1));
      expect(lines.filter(({ level }) => level >= 40)).toMatchObject([
        { event: 'push.unreadable', status: 400, why: expect.stringContaining('cut off'), count: 1 },
      ]);
      expect(ran).toHaveLength(before);
      expect((await get(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
    },
  );
});

describe('paths and methods', () => {
  test('an unknown path is 404, whatever the method', async () => {
    const { origin } = await receiver;
    for (const path of ['/', '/wechat/nobody', '/favicon.ico']) {
      expect((await get(`${origin}${path}`)).status).toBe(404);
      expect((await post(`${origin}${path}`, plain('<xml></xml>'))).status).toBe(404);
    }
  });

  test('another method than GET and POST is 405, and the answer says which there are', async () => {
    const { url } = await receiver;
    for (const method of ['PUT', 'DELETE', 'PATCH', 'HEAD']) {
      const answer = await fetch(signedUrl(url), { method });
      expect([method, answer.status, answer.headers.get('allow')]).toEqual([method, 405, 'GET, POST']);
    }
  });

  test('the path is that of WXRELAY_PATH', async () => {
    const elsewhere = await harness.start([echo], { env: { WXRELAY_PATH: '/a/b/' } });
    expect((await post(`${elsewhere.origin}/a/b`, plain(textXml(newOpenid(), 'hi')))).status).toBe(200);
    expect((await get(`${elsewhere.origin}/wechat`)).status).toBe(404);
  });

  test('/healthz and /readyz are 200 while pushes can be kept', async () => {
    const { origin } = await receiver;
    expect((await get(`${origin}/healthz`)).status).toBe(200);
    expect((await get(`${origin}/readyz`)).status).toBe(200);
  });

  test('without Redis /readyz is 503 and says so, while /healthz stays 200', async () => {
    const env = { REDIS_URL: `redis://127.0.0.1:${await freePort()}` };
    const alone = await harness.start([echo], { env, ready: false });
    expect(await get(`${alone.origin}/readyz`)).toMatchObject({ status: 503, body: expect.stringContaining('Redis') });
    expect((await get(`${alone.origin}/healthz`)).status).toBe(200);
  });
});

describe('in a Koa app of one’s own', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterAll(() => Promise.all(closing.map((close) => close())));

  /** The user's app: our middleware at /wx, with other middleware in front or behind. */
  async function mount(arrange: (ours: Middleware) => Middleware[]) {
    const kept = keepingLog();
    const inner = createReceiver({ config: harness.config(), handlers: [echo], log: kept.log });
    await eventually(async () => expect(await inner.isReady()).toBe(true));
    const app = new Koa();
    app.silent = true;
    const ours: Middleware = (ctx, next) => (ctx.path === '/wx' ? inner.middleware(ctx, next) : next());
    for (const middleware of arrange(ours)) app.use(middleware);
    const server = createServer(app.callback()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(
      () => new Promise((done) => server.close(done)),
      () => inner.close(),
    );
    return { ...kept, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/wx` };
  }
  const say = (url: string, content: string): Promise<Answer> => post(url, plain(textXml(newOpenid(), content)));
  const sayHi = async ({ url }: { url: string }) => field((await say(url, 'hi 你好')).body, 'Content');

  const parser =
    (keep: (request: object, bytes: Buffer) => void): Middleware =>
    async (ctx, next) => {
      const chunks: Buffer[] = [];
      for await (const chunk of ctx.req) chunks.push(chunk);
      keep(ctx.request, Buffer.concat(chunks));
      await next();
    };

  test('it answers before a body parser, which never sees the push', async () => {
    let seen = 0;
    const app = await mount((ours) => [ours, parser(() => void seen++)]);
    expect(await sayHi(app)).toBe('hi 你好');
    expect(seen).toBe(0);
  });

  test.each<[string, (request: object, bytes: Buffer) => void]>([
    [
      'parsed the XML and kept its text as rawBody',
      (request, bytes) => Object.assign(request, { body: { xml: {} }, rawBody: bytes.toString() }),
    ],
    [
      'parsed the XML and kept its bytes as rawBody',
      (request, bytes) => Object.assign(request, { body: { xml: {} }, rawBody: bytes }),
    ],
    ['left the text as body', (request, bytes) => Object.assign(request, { body: bytes.toString() })],
    ['left the bytes as body', (request, bytes) => Object.assign(request, { body: bytes })],
  ])('it answers behind a body parser that %s', async (_, keep) => {
    expect(await sayHi(await mount((ours) => [parser(keep), ours]))).toBe('hi 你好');
  });

  test('it answers behind a body parser that leaves text/xml alone', async () => {
    const leave: Middleware = async (ctx, next) => {
      Object.assign(ctx.request, { body: {} });
      await next();
    };
    expect(await sayHi(await mount((ours) => [leave, ours]))).toBe('hi 你好');
  });

  test('behind a body parser the size is bounded too', async () => {
    const app = await mount((ours) => [
      parser((request, bytes) => Object.assign(request, { rawBody: bytes.toString() })),
      ours,
    ]);
    expect(await post(app.url, plain(pushOf(LIMIT + 1)))).toMatchObject({ status: 413, body: '' });
  });

  test('a body parser that keeps neither text nor bytes makes the push fail, with an error that says what to do', async () => {
    const app = await mount((ours) => [
      parser((request) => Object.assign(request, { body: { xml: { MsgType: 'text' } } })),
      ours,
    ]);
    expect(await say(app.url, 'hi')).toMatchObject({ status: 500, body: '' });
    expect(app.events('push.unreadable')).toEqual([
      expect.objectContaining({ level: 50, why: expect.stringMatching(/body parser.*mount wxrelay before it/) }),
    ]);
  });

  test('a request whose client has gone by the time it arrives here comes to an end', async () => {
    let ended = 0;
    const app = await mount((ours) => [
      async (ctx, next) => {
        ctx.req.on('error', () => undefined);
        await new Promise((gone) => ctx.req.on('close', gone));
        await next();
        ended++;
      },
      ours,
    ]);
    const { port, pathname } = new URL(app.url);
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    socket.end(
      `POST ${pathname}?${new URLSearchParams(signedQuery())} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n<xml>`,
    );
    await eventually(() => expect(ended).toBe(1));
  });

  test('what comes after it in the app still works', async () => {
    const page: Middleware = async (ctx) => {
      ctx.body = await text(ctx.req.method === 'POST' ? ctx.req : new Blob(['a page']).stream());
    };
    const app = await mount((ours) => [ours, page]);
    expect((await get(app.url.replace('/wx', '/page'))).body).toBe('a page');
    expect((await post(app.url.replace('/wx', '/form'), { query: {}, body: 'a form' })).body).toBe('a form');
  });
});
