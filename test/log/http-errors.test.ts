// The errors that Koa hands to the app of each process, over real connections.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import Koa from 'koa';
import { afterEach, expect, test } from 'vitest';
import { logHttpErrors } from '../../src/http-errors.ts';
import { eventually } from '../helpers/eventually.ts';
import { keepingLog } from '../receiver/harness.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function serve(middleware: Koa.Middleware) {
  const kept = keepingLog();
  const app = new Koa();
  logHttpErrors(app, kept.log);
  app.use(middleware);
  const limits = { requestTimeout: 500, headersTimeout: 500, connectionsCheckingInterval: 50 };
  const server = createServer(limits, app.callback()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { ...kept, port: (server.address() as AddressInfo).port };
}

/** Reads the body, and says nothing of what became of it. */
const reader: Koa.Middleware = async (ctx) => {
  await ctx.req.toArray().catch(() => undefined);
  ctx.body = 'read';
};
/** An answer that has no end. */
const endless: Koa.Middleware = (ctx) => {
  ctx.body = Readable.from(
    (async function* () {
      for (;;) yield await new Promise<string>((resolve) => setImmediate(resolve, 'x'.repeat(1000)));
    })(),
  );
};
const HALF = 'POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n';
const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

test.each<[string, Koa.Middleware, string, (socket: Socket) => unknown]>([
  ['resets its connection in the middle of a body', reader, HALF, (socket) => socket.resetAndDestroy()],
  ['closes its connection in the middle of a body', reader, HALF, (socket) => socket.end('half')],
  ['takes too long over its body', reader, HALF, () => undefined],
  ['resets its connection in the middle of an answer', endless, GET, (socket) => socket.resetAndDestroy()],
  ['closes its connection in the middle of an answer', endless, GET, (socket) => socket.destroy()],
])('a client that %s is no warning', async (_, middleware, request, hangUp) => {
  const { port, lines } = await serve(middleware);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(request);
  await once(socket, 'data');
  hangUp(socket);
  await eventually(() => expect(lines.map(({ event }) => event)).toContain('http.client_hung_up'));
  expect(lines.filter(({ level }) => level >= 40)).toEqual([]);
});

test('an error of ours is a warning, also where another server hung up on us', async () => {
  const { port, lines } = await serve(() => {
    throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
  });
  expect((await fetch(`http://127.0.0.1:${port}`)).status).toBe(500);
  expect(lines).toMatchObject([{ event: 'http.error', level: 40 }]);
});
