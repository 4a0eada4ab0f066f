import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  readonly bytes: Buffer;
  readonly headers: IncomingMessage['headers'];
}

/** Answers one call: an object as JSON, or with the response in its own hands. */
export type Answering = (call: Call, response: ServerResponse) => unknown;

/** A real server on this machine that answers as a test wants, and keeps what it was asked. */
export async function startServer(answering: Answering) {
  const calls: Call[] = [];
  let answer = answering;
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x');
    const { method = '', headers } = request;
    const bytes = await buffer(request);
    const call = { method, path: pathname, query: searchParams, body: bytes.toString(), bytes, headers };
    calls.push(call);
    const json = await answer(call, response);
    if (json !== undefined) response.setHeader('content-type', 'application/json').end(JSON.stringify(json));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    calls,
    answerWith(next: Answering) {
      answer = next;
    },
    closeConnections: () => server.closeAllConnections(),
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

export type Server = Awaited<ReturnType<typeof startServer>>;

/** The ways in which an answer can be none: whoever reads it must not take it for one. */
export const NO_ANSWERS: [string, Answering][] = [
  ['502', (_, response) => void response.writeHead(502).end('{"errcode":0}')],
  ['HTML', (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>busy</html>')],
  [
    'half a body',
    (_, response) =>
      void response.writeHead(200, { 'content-length': 100 }).write('{"errcode":0', () => response.destroy()),
  ],
  ['nothing, and closes', (_, response) => void response.destroy()],
  ['an empty body', (_, response) => void response.end()],
  ['null', (_, response) => void response.end('null')],
  ['a word', (_, response) => void response.end('"success"')],
];
