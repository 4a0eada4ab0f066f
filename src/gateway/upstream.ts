// The gateway's own way to WeChat: whatever it answers, as a stream.
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { isWritten, openPool } from '../api/connect.ts';
import { chooseAmong, serversOf } from '../api/hosts.ts';
import { reactionTo } from '../wechat/errcodes.ts';
import { Refusal } from './refusal.ts';
import type { CallBody } from './request-body.ts';

export interface UpstreamCall {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: CallBody;
  readonly signal: AbortSignal;
}

export interface UpstreamAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The whole answer where it is a short JSON object. */
  readonly json: Buffer | undefined;
  /** Any other answer. */
  readonly stream: AsyncIterable<Buffer> | undefined;
  readonly errcode: number | undefined;
  /** WeChat refused the token: nothing was done. */
  readonly tokenRefused: boolean;
}

export interface Upstream {
  call(call: UpstreamCall, token: string): Promise<UpstreamAnswer>;
  close(): Promise<void>;
}

/** Shorter than our own workers wait; a call that carries a file, or brings one, takes longer. Milliseconds. */
const CONNECT_WITHIN = 5000;
const ANSWER_WITHIN = 9000;
const FILE_WITHIN = 60_000;
/** A JSON answer up to this is looked at for its errcode; errors are short. */
const LOOKED_AT = 64 * 1024;

/** A call is made at one server; where that does not answer, the next call is made at the next. */
export function createUpstream(baseUrl: string, others?: readonly string[]): Upstream {
  const [first = baseUrl, ...rest] = serversOf(baseUrl);
  const servers = [first, ...(others ?? rest)].map(openServer) as [Server, ...Server[]];
  const choice = chooseAmong(servers, Date.now);
  return {
    async call({ method, path, query, headers, body, signal }, token) {
      const server = choice.current();
      const withToken = new URLSearchParams(query);
      withToken.set('access_token', token);
      const request = {
        method: method as 'GET',
        path: `${server.prefix}${path}?${withToken}`,
        headers: { ...forwarded(headers), ...lengthOf(body) },
        body: body.kind === 'stream' ? (body.stream as unknown as null) : body.bytes.length > 0 ? body.bytes : null,
        headersTimeout: body.kind === 'stream' ? FILE_WITHIN : ANSWER_WITHIN,
        signal,
      };
      try {
        const response = await server.pool.request(request);
        if (response.statusCode >= 500) choice.moveOn(server);
        return await look(response.statusCode, response.headers, response.body[Symbol.asyncIterator]());
      } catch (error) {
        // What was wrong with the client is no reason to go elsewhere.
        if (!signal.aborted && !(error instanceof Refusal)) choice.moveOn(server);
        throw noAnswer(error as Error, isWritten(request));
      }
    },
    async close() {
      await Promise.all(servers.map(({ pool }) => pool.destroy()));
    },
  };
}

interface Server {
  readonly pool: Dispatcher;
  readonly prefix: string;
}

function openServer(url: string): Server {
  const base = new URL(url);
  const pool = openPool(base.origin, {
    connections: 256,
    connect: { timeout: CONNECT_WITHIN },
    keepAliveTimeout: 30_000,
    bodyTimeout: FILE_WITHIN,
  });
  return { pool, prefix: base.pathname.replace(/\/$/, '') };
}

function noAnswer(error: Error & { code?: unknown }, written: boolean): Refusal {
  if (error instanceof Refusal) return error;
  // The error itself carries the URL, in whose query the access_token travels: only its code goes on.
  const why = typeof error.code === 'string' ? error.code : error.name;
  return new Refusal('noAnswer', `WeChat did not answer (${why}).`, { written });
}

/** What of a client's headers reaches WeChat: about the content, and the signature of WeChat's API security. */
const FORWARDED =
  /^(content-type|accept|accept-language|user-agent|range|if-none-match|if-modified-since|wechatmp-.+)$/;

function forwarded(headers: IncomingHttpHeaders): Record<string, string> {
  const kept = Object.entries(headers).filter(([name, value]) => FORWARDED.test(name) && typeof value === 'string');
  // What comes back is looked through for the token, so nothing may be packed.
  return { ...(Object.fromEntries(kept) as Record<string, string>), 'accept-encoding': 'identity' };
}

const lengthOf = (body: CallBody): Record<string, string> =>
  body.kind === 'stream' && body.length !== undefined ? { 'content-length': String(body.length) } : {};

async function look(
  status: number,
  headers: IncomingHttpHeaders,
  chunks: AsyncIterableIterator<Buffer>,
): Promise<UpstreamAnswer> {
  const answer = { status, headers, json: undefined, stream: undefined, errcode: undefined, tokenRefused: false };
  if (!['', 'identity'].includes(String(headers['content-encoding'] ?? ''))) {
    await chunks.return?.();
    throw new Refusal('noAnswer', 'the answer was packed, although it was not asked to be.', { written: true });
  }
  const first: Buffer[] = [];
  let size = 0;
  while (size <= LOOKED_AT) {
    const { done, value } = await chunks.next();
    if (done) {
      const json = Buffer.concat(first);
      const errcode = errcodeOf(json);
      const tokenRefused = errcode !== undefined && reactionTo(errcode).reaction === 'token';
      return { ...answer, json, errcode, tokenRefused };
    }
    first.push(value);
    size += value.length;
    // WeChat's labels are not to be relied on; an object begins with a brace.
    if (!/^\s*\{/.test(first[0]?.toString('latin1', 0, 64) ?? '')) break;
  }
  return { ...answer, stream: joined(first, chunks) };
}

async function* joined(first: Buffer[], rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* first;
  yield* rest;
}

function errcodeOf(json: Buffer): number | undefined {
  // Raw control characters occur inside WeChat's JSON strings, and only the number is wanted.
  const [, number] = /"errcode"\s*:\s*"?(-?\d+)/.exec(json.toString('latin1')) ?? [];
  return number === undefined ? undefined : Number(number);
}
