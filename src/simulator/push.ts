// Sends a push to a receiver the way WeChat does: five seconds, up to three attempts of the very same request.
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, type Dispatcher, request } from 'undici';
import { type Answer, judgeAnswer } from './answer.ts';
import { Illegal } from './illegal.ts';
import { readFacts } from './push-xml.ts';
import { type Account, type PushRequest, signedRequest } from './request.ts';

export interface PushOptions extends Account {
  receiverUrl: string;
  xml: string;
  /** The follower as named in the query; the push's own FromUserName by default. */
  openid?: string;
  /** How long one attempt may take, connecting included. Default 5000, as at WeChat. */
  timeoutMs?: number;
  /** How often the push is sent at most. Default 3. */
  attempts?: number;
  /** The pause before repeating what failed at once; after a time-out there is none. Default 300. */
  pauseMs?: number;
  /** Stops the push: the promise rejects with the signal's reason. */
  signal?: AbortSignal;
  onAttempt?: (attempts: readonly Attempt[]) => void;
}

export interface Attempt {
  ms: number;
  status?: number;
  body?: string;
  /** Why this attempt failed, in English and in Chinese. */
  error?: string;
  errorZh?: string;
  timedOut?: boolean;
  /** Nothing listens there. */
  unreachable?: boolean;
  /** What the receiver calls the push in its log and its traces, where it says so. */
  key?: string;
}

export interface PushResult {
  attempts: Attempt[];
  answer: Answer;
}

const MAX_ANSWER_BYTES = 64 * 1024;

const dispatcher = new Agent({ connect: { timeout: 5000 } });

/** Pushes until an attempt is answered legally. Throws only for a wrong setting and for `signal`. */
export async function pushToReceiver(options: PushOptions): Promise<PushResult> {
  const { timeoutMs = 5000, attempts: most = 3, pauseMs = 300, signal } = options;
  const facts = readFacts(options.xml);
  const openid = options.openid ?? facts.openid;
  const push = signedRequest(options.receiverUrl, options, { xml: options.xml, openid, to: facts.account });
  const attempts: Attempt[] = [];
  for (;;) {
    signal?.throwIfAborted();
    const start = performance.now();
    const attempt: Attempt = { ms: 0 };
    attempts.push(attempt);
    try {
      const { status, body, key } = await withLimit(timeoutMs, signal, (limit) => post(push, limit));
      Object.assign(attempt, {
        status,
        ms: elapsed(start),
        body: body.toString(),
        ...(key === undefined ? {} : { key }),
      });
      const answer = judgeAnswer(status, body, options, facts);
      options.onAttempt?.(attempts);
      return { attempts, answer };
    } catch (error) {
      signal?.throwIfAborted();
      attempt.ms = elapsed(start);
      Object.assign(attempt, failure(error, timeoutMs, options.receiverUrl));
      options.onAttempt?.(attempts);
    }
    if (attempts.length >= most) return { attempts, answer: fault(attempt) };
    if (attempt.timedOut !== true) await delay(pauseMs, undefined, signal && { signal }).catch(() => undefined);
  }
}

class TimedOut extends Error {}

/** Runs with a signal that aborts after `ms`, or when the outer one does; nothing stays behind on the outer one. */
async function withLimit<T>(ms: number, outer: AbortSignal | undefined, run: (signal: AbortSignal) => Promise<T>) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(new TimedOut()), ms);
  const stop = (): void => limit.abort(outer?.reason);
  outer?.addEventListener('abort', stop, { once: true });
  try {
    return await run(limit.signal);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener('abort', stop);
  }
}

/** A request as WeChat sends it. Rejects when there is no complete answer before the signal. */
async function post(push: PushRequest, signal: AbortSignal) {
  const response = await request(push.url, {
    method: 'POST',
    headers: { 'user-agent': 'Mozilla/4.0', accept: '*/*', 'content-type': 'text/xml' },
    body: push.body,
    // A connection for each push: WeChat comes from changing addresses.
    reset: true,
    dispatcher,
    signal,
  });
  const key = response.headers['x-wxrelay-key'];
  return {
    status: response.statusCode,
    body: await readLimited(response.body),
    ...(typeof key === 'string' ? { key } : {}),
  };
}

async function readLimited(body: Dispatcher.ResponseData['body']): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) throw new Illegal('the answer is longer than 64 KiB', '返回的内容超过了 64 KiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function elapsed(start: number): number {
  return Math.round((performance.now() - start) * 10) / 10;
}

function failure(error: unknown, timeoutMs: number, receiverUrl: string): Partial<Attempt> {
  if (error instanceof Illegal) return { error: error.message, errorZh: error.zh };
  if (error instanceof TimedOut) {
    return { error: `no answer within ${timeoutMs} ms`, errorZh: `${timeoutMs} 毫秒内没有应答`, timedOut: true };
  }
  const { code, message } = error as NodeJS.ErrnoException;
  const { origin } = new URL(receiverUrl);
  if (code === 'ECONNREFUSED') {
    return { error: `nothing listens on ${origin}`, errorZh: `连接被拒绝：${origin} 上没有服务`, unreachable: true };
  }
  return { error: `no complete answer: ${message}`, errorZh: '连接中断，没有收到完整的应答' };
}

function fault(last: Attempt): Answer {
  const answer: Answer = { kind: 'fault' };
  if (last.error !== undefined) answer.reason = last.error;
  if (last.errorZh !== undefined) answer.reasonZh = last.errorZh;
  return answer;
}
