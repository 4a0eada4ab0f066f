import { setTimeout as delay } from 'node:timers/promises';
import { type Dispatcher, FormData } from 'undici';
import { toError } from '../errors.ts';
import { encodeJson } from '../wechat/customer-service.ts';
import { unlessAborted } from './abort.ts';
import { type ApiAnswer, readAnswer } from './answer.ts';
import { isWritten, openPool } from './connect.ts';
import { type Download, readDownload } from './download.ts';
import { NetworkError } from './errors.ts';
import { chooseAmong, serversOf } from './hosts.ts';
import type { Form } from './upload.ts';

export type { ApiAnswer } from './answer.ts';
export type { Download, FileDownload } from './download.ts';

export interface ApiRequest {
  readonly method: 'GET' | 'POST';
  /** Such as `/cgi-bin/message/custom/send`: names the API in errors and logs, where no query ever goes. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** A file to upload, instead of `json`. */
  readonly form?: Form;
  readonly signal?: AbortSignal;
  /**
   * How often the call is repeated where that is harmless: not a byte of it was written, or it is a GET that was not
   * answered. Default 1; another server that may be tried comes on top.
   */
  readonly retries?: number;
}

/** Sees every request and answer of `--show-wire`. */
export type WireTap = (direction: 'out' | 'in', api: string, body: string) => void;

export interface Http {
  /** The parsed answer; throws `ApiError` for an errcode and `NetworkError` where there is no answer. */
  call(request: ApiRequest): Promise<ApiAnswer>;
  /** A file, or the JSON that came in its place; throws as `call` does. */
  download(request: ApiRequest): Promise<Download>;
  close(): Promise<void>;
}

export interface HttpOptions {
  readonly connections?: number;
  readonly tap?: WireTap;
  /** Sent with every request, such as the key of a gateway. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Reads an answer of 400 and above that may say more than its status; `undefined` where it does not. */
  readonly readError?: (api: string, text: string) => Error | undefined;
  /** Base URLs that serve where the first does not. Default: WeChat's other servers for WeChat's own, else none. */
  readonly others?: readonly string[];
  readonly now?: () => number;
}

/** Milliseconds; WeChat documents none. */
const CONNECT_TIMEOUT = 5000;
/** Where another server could be asked instead. */
const CONNECT_TIMEOUT_OF_SEVERAL = 3000;
/** No further server is tried after that: a send must be written soon after it was claimed. */
const CONNECTING_WITHIN = 5000;
/** From the request's end to the answer's head, and between two pieces of it. */
const ANSWER_TIMEOUT = 10_000;
/** From beginning to end, whatever drips in between. A file has 10 MB at most, over a line that may be slow. */
const CALL_TIMEOUT = 30_000;
const FILE_TIMEOUT = 120_000;
const RETRY_AFTER = 100;
/** What an answer that is not a download may weigh. */
const MAX_ANSWER = 4 * 1024 * 1024;

interface Server {
  readonly pool: Dispatcher;
  /** The path of the base URL, as of a proxy. */
  readonly prefix: string;
}

/** Talks to one API over connections that are kept open. `baseUrl` may be that of a proxy, with a path. */
export function createHttp(baseUrl: string, options: HttpOptions = {}): Http {
  const [first = baseUrl, ...rest] = serversOf(baseUrl);
  const urls = [first, ...(options.others ?? rest)];
  const servers = urls.map((url) => openServer(url, options, urls.length > 1)) as [Server, ...Server[]];
  const choice = chooseAmong(servers, options.now ?? Date.now);

  const exchange = async <T>(request: ApiRequest, limit: number, read: Reader<T>): Promise<T> => {
    const started = Date.now();
    const retries = request.retries ?? 1;
    for (let tries = 0; ; tries++) {
      const server = choice.current();
      try {
        return await once(server, request, limit, options, read);
      } catch (error) {
        const unwritten = error instanceof UnwrittenError;
        const elsewhere = unwritten || error instanceof UndoneError;
        const unanswered = elsewhere || (error instanceof NetworkError && error.inDoubt);
        if (!unanswered || request.signal?.aborted) throw error;
        // Also where this call is not repeated: the next one goes elsewhere.
        choice.moveOn(server);
        if (!elsewhere && request.method !== 'GET') throw error;
        if (tries >= (error instanceof UndoneError ? 0 : retries) + (elsewhere ? servers.length - 1 : 0)) throw error;
        if (elsewhere && Date.now() - started >= CONNECTING_WITHIN) throw error;
      }
      await delay(RETRY_AFTER);
    }
  };

  return {
    call(request) {
      const { path } = request;
      if (request.json !== undefined) options.tap?.('out', path, encodeJson(request.json));
      if (request.form) options.tap?.('out', path, `[${request.form.file.name}, ${request.form.file.size} bytes]`);
      return exchange(request, request.form ? FILE_TIMEOUT : CALL_TIMEOUT, async ({ body }, whole) => {
        const text = await readText(path, body);
        whole();
        options.tap?.('in', path, text);
        return readAnswer(path, text);
      });
    },
    download: (request) =>
      exchange(request, FILE_TIMEOUT, async (response, whole) => {
        const download = await readDownload(request.path, response);
        if (download.kind === 'json') whole();
        else download.stream.once('close', whole);
        const shown = download.kind === 'json' ? JSON.stringify(download.json) : `[a file, ${download.contentType}]`;
        options.tap?.('in', request.path, shown);
        return download;
      }),
    async close() {
      await Promise.all(servers.map(({ pool }) => pool.close()));
    },
  };
}

function openServer(url: string, { connections = 64 }: HttpOptions, oneOfSeveral: boolean): Server {
  const base = new URL(url);
  const connect = { timeout: oneOfSeveral ? CONNECT_TIMEOUT_OF_SEVERAL : CONNECT_TIMEOUT };
  const pool = openPool(base.origin, { connections, connect, bodyTimeout: ANSWER_TIMEOUT, keepAliveTimeout: 30_000 });
  return { pool, prefix: base.pathname.replace(/\/$/, '') };
}

/** Calls `whole` once nothing more is to come, which ends the time limit. */
type Reader<T> = (response: Dispatcher.ResponseData, whole: () => void) => Promise<T>;

async function once<T>(
  { pool, prefix }: Server,
  { method, path, query, json, form, signal }: ApiRequest,
  limit: number,
  { headers, readError }: HttpOptions,
  read: Reader<T>,
): Promise<T> {
  const body = form ? multipart(form) : json === undefined ? undefined : encodeJson(json);
  const isJson = typeof body === 'string';
  const clock = new AbortController();
  const timer = setTimeout(() => clock.abort(new Error(`it took longer than ${limit / 1000} s`)), limit);
  timer.unref();
  const ending = signal ? AbortSignal.any([signal, clock.signal]) : clock.signal;
  const request = {
    method,
    path: `${prefix}${path}${query ? `?${new URLSearchParams(query)}` : ''}`,
    headers: { ...headers, ...(isJson ? { 'content-type': 'application/json; charset=utf-8' } : {}) },
    ...(body === undefined ? {} : { body }),
    // An upload's clock begins with its first byte.
    headersTimeout: form ? limit : ANSWER_TIMEOUT,
    signal: ending,
  };
  try {
    // undici tells one that waits for a connection only when there is one.
    const response = await unlessAborted(ending, pool.request(request));
    const { statusCode: status } = response;
    if (status >= 400) {
      const text = readError ? await readText(path, response.body) : '';
      await response.body.dump().catch(() => undefined);
      const error = readError?.(path, text);
      // It says itself that it has done nothing: another may.
      if (error instanceof NetworkError && !error.inDoubt) throw new UndoneError(error.api, error.message);
      if (error) throw error;
      // 4xx: the server read the request and did nothing. 5xx: a gateway in between may have passed it on.
      throw new NetworkError(path, status >= 500, `HTTP ${status}`);
    }
    return await read(response, () => clearTimeout(timer));
  } catch (error) {
    clearTimeout(timer);
    throw worded(path, toError(error), isWritten(request));
  }
}

/** Not a byte of the request was written. */
class UnwrittenError extends NetworkError {}

/** The server read the request, and says that it has done nothing for it and that this will pass. */
class UndoneError extends NetworkError {
  constructor(api: string, message: string) {
    super(api, false, '');
    this.message = message;
  }
}

/** The error itself carries the URL, in whose query the access_token and the secret travel: only its words go on. */
function worded(api: string, error: Error & { code?: unknown }, written: boolean): Error {
  if (error.name === 'ApiError' || error.name === 'NetworkError') return error;
  const isProxys = error.message.startsWith('Proxy response');
  const why = typeof error.code === 'string' && !isProxys ? error.code : error.message;
  return written ? new NetworkError(api, true, why) : new UnwrittenError(api, false, why);
}

function multipart({ field, file, fields = {} }: Form): FormData {
  const data = new FormData();
  data.append(field, file, file.name);
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
}

async function readText(api: string, body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_ANSWER) throw new NetworkError(api, true, `more than ${MAX_ANSWER} bytes were answered`);
  }
  return Buffer.concat(chunks).toString();
}
