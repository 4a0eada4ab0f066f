import { buildConnector, Pool } from 'undici';
import { encodeJson } from '../wechat/customer-service.ts';
import { ApiError, NetworkError } from './errors.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'POST';
  /** Such as `/cgi-bin/message/custom/send`: names the API in errors and logs, where no query ever goes. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly signal?: AbortSignal;
}

export interface ApiAnswer {
  readonly errcode?: number;
  readonly errmsg?: string;
  readonly [field: string]: unknown;
}

/** Sees every request and answer of `--show-wire`. */
export type WireTap = (direction: 'out' | 'in', api: string, body: string) => void;

export interface Http {
  /** The parsed answer; throws {@link ApiError} for an errcode and {@link NetworkError} where there is no answer. */
  call(request: ApiRequest): Promise<ApiAnswer>;
  close(): Promise<void>;
}

/** Milliseconds; WeChat documents none. */
const CONNECT_TIMEOUT = 5000;
const ANSWER_TIMEOUT = 10_000;
/** What an answer that is not a download may weigh. */
const MAX_ANSWER = 4 * 1024 * 1024;

const connector = buildConnector({ timeout: CONNECT_TIMEOUT });
/** Errors that came before there was a connection: not a byte of the request was written. */
export const notConnected = new WeakSet<Error>();
export const connect: buildConnector.connector = (target, done) =>
  connector(target, (...outcome) => {
    if (outcome[0]) notConnected.add(outcome[0]);
    done(...outcome);
  });

export interface HttpOptions {
  readonly connections?: number;
  readonly tap?: WireTap;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Reads an answer of 400 and above that may say more than its status; `undefined` where it does not. */
  readonly readError?: (api: string, text: string) => Error | undefined;
}

/** Talks to one API server over connections that are kept open. */
export function createHttp(baseUrl: string, options: HttpOptions = {}): Http {
  const base = new URL(baseUrl);
  const prefix = base.pathname.replace(/\/$/, '');
  const pool = new Pool(base.origin, {
    connections: options.connections ?? 64,
    connect,
    headersTimeout: ANSWER_TIMEOUT,
    bodyTimeout: ANSWER_TIMEOUT,
    keepAliveTimeout: 30_000,
    maxResponseSize: MAX_ANSWER,
  });
  return {
    async call({ method, path, query, json, signal }) {
      const body = json === undefined ? undefined : encodeJson(json);
      if (body !== undefined) options.tap?.('out', path, body);
      const target = `${prefix}${path}${query ? `?${new URLSearchParams(query)}` : ''}`;
      const { status, text } = await send(pool, path, { method, path: target, body, signal, headers: options.headers });
      options.tap?.('in', path, text);
      const error = status >= 400 ? options.readError?.(path, text) : undefined;
      if (error) throw error;
      return readAnswer(path, status, text);
    },
    close: () => pool.close(),
  };
}

interface Sent {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
}

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

async function send(pool: Pool, api: string, { body, signal, headers, ...request }: Sent) {
  try {
    const response = await pool.request({
      ...request,
      headers: { ...headers, ...(body === undefined ? {} : JSON_TYPE) },
      ...(body === undefined ? {} : { body }),
      ...(signal ? { signal } : {}),
    });
    return { status: response.statusCode, text: await response.body.text() };
  } catch (error) {
    const { code, message } = error as Error & { code?: unknown };
    // The error itself carries the URL, in whose query the access_token and the secret travel: only its words go on.
    throw new NetworkError(api, !notConnected.has(error as Error), typeof code === 'string' ? code : message);
  }
}

function readAnswer(api: string, status: number, text: string): ApiAnswer {
  // 4xx: the server read the request and did nothing. 5xx: a gateway in between may have passed it on.
  if (status >= 400) throw new NetworkError(api, status >= 500, `HTTP ${status}`);
  let answer: ApiAnswer | null;
  try {
    // Raw control characters occur inside WeChat's JSON strings; JSON allows none.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    answer = JSON.parse(text.replace(/[\u0000-\u001f]/g, ' '));
  } catch {
    throw new NetworkError(api, true, `HTTP ${status} with a body that is not JSON`);
  }
  if (typeof answer !== 'object' || answer === null)
    throw new NetworkError(api, true, `HTTP ${status} with a body that is no JSON object`);
  const errcode = Number(answer.errcode ?? 0);
  if (errcode !== 0) throw new ApiError(api, errcode, String(answer.errmsg ?? ''));
  return answer;
}
