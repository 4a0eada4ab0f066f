// Requests that are meant to hurt a receiver, under a good signature where they have one.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { signedRequest } from '../../src/simulator/request.ts';
import { ACCOUNT } from './load.ts';

export interface Hostile {
  readonly what: string;
  /** Resolves with the status, or 0 where the connection was ended without an answer. */
  send(port: number): Promise<number>;
  readonly expected: number;
}

const OPENID = 'oHostile00000000000000000000';
const header = `<ToUserName>gh</ToUserName><FromUserName>${OPENID}</FromUserName><CreateTime>1</CreateTime><MsgType>text</MsgType>`;

function target(): string {
  const { pathname, search } = new URL(
    signedRequest('http://h/wechat', ACCOUNT, { xml: '', openid: OPENID, to: '' }).url,
  );
  return pathname + search;
}

type Pieces = (write: (bytes: string | Buffer) => void) => Promise<void>;

/** Sends by hand, for no HTTP client would. */
function send(port: number, headers: readonly string[], pieces: Pieces): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (bytes) => {
      answer += bytes.toString('latin1');
      socket.end();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0)));
    socket.write(`POST ${target()} HTTP/1.1\r\nHost: h\r\n${headers.map((line) => `${line}\r\n`).join('')}\r\n`);
    pieces((bytes) => socket.writable && socket.write(bytes)).catch(() => undefined);
  });
}

const whole =
  (body: string | Buffer, headers: readonly string[] = []) =>
  (port: number) =>
    send(port, [`Content-Length: ${Buffer.byteLength(body)}`, ...headers], async (write) => write(body));

const laughs = Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('');

export const HOSTILE: readonly Hostile[] = [
  { what: 'a megabyte', send: whole('x'.repeat(1_000_000)), expected: 413 },
  {
    what: 'a megabyte in chunks, of unknown length',
    send: (port) =>
      send(port, ['Transfer-Encoding: chunked'], async (write) => {
        for (let chunks = 0; chunks < 16; chunks++) write(`10000\r\n${'x'.repeat(0x10000)}\r\n`);
      }),
    expected: 413,
  },
  {
    what: 'a byte every two seconds',
    send: (port) =>
      send(port, ['Content-Length: 1000'], async (write) => {
        for (let bytes = 0; bytes < 20; bytes++) {
          write('x');
          await sleep(2000);
        }
      }),
    expected: 408,
  },
  {
    what: 'less than it promises',
    send: (port) => send(port, ['Content-Length: 1000', 'Connection: close'], async (write) => write('<xml>')),
    expected: 408,
  },
  {
    what: 'two lengths',
    send: (port) => send(port, ['Content-Length: 3', 'Content-Length: 5'], async (write) => write('<xml>')),
    expected: 400,
  },
  { what: 'a gzip bomb', send: whole(gzipSync(Buffer.alloc(10_000_000)), ['Content-Encoding: gzip']), expected: 415 },
  {
    what: 'a billion laughs',
    send: whole(`<!DOCTYPE x [<!ENTITY l0 "ha">${laughs}]><xml>${header}<Content>&l9;</Content></xml>`),
    expected: 200,
  },
  { what: 'elements nested deep', send: whole(`<xml>${header}${'<a>'.repeat(60_000)}</xml>`), expected: 200 },
  { what: 'no XML at all', send: whole('{"hello": "world"}'), expected: 200 },
];
