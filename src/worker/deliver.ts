import type { Redis } from 'ioredis';
import { SEND_API, type WeChat } from '../api/client.ts';
import { ApiError, NetworkError } from '../api/errors.ts';
import type { InDoubt } from '../config.ts';
import { toError } from '../errors.ts';
import type { Logger } from '../log.ts';
import * as metrics from '../metrics.ts';
import { type AnswerEntry, keyOfId, partOfId, readAnswerEntry } from '../store/entries.ts';
import { type Head, type Run, take } from '../store/lanes.ts';
import { DELIVER } from '../store/queues.ts';
import { backoff } from './backoff.ts';
import type { Outcome, Stage } from './lane-runner.ts';

interface Options {
  readonly redis: Redis;
  readonly wechat: WeChat;
  readonly account: string;
  /** What becomes of a send that may have arrived. */
  readonly inDoubt: InDoubt;
  readonly log: Logger;
  /** Milliseconds for which a job's lock holds. */
  readonly lockDuration: number;
}

/** Sends that died with their process. */
const MAX_DEATHS = 10;
/** Some 80 minutes of trying, then the part is given up on and waits in `dead`. */
const MAX_TRIES = 20;
const LONGEST_PAUSE = 300_000;

/** The second stage: sends the parts of answers. A failing API never runs a handler again. */
export function deliverStage(options: Options): Stage {
  return {
    queue: DELIVER,
    async work(head, run, job) {
      const entry = readAnswerEntry(head.json);
      const facts = { key: keyOfId(head.id), handler: entry.handler, part: partOfId(head.id) };
      const { log, account } = options;
      if (entry.account !== account)
        return {
          kind: 'dead',
          handler: entry.handler,
          reason: `it belongs to the account ${entry.account}, this worker to ${account}`,
        };
      if (head.deaths >= MAX_DEATHS)
        return { kind: 'dead', handler: entry.handler, reason: `its process died during ${head.deaths} sends` };
      if (head.inDoubt) {
        log.warn(facts, 'send.in_doubt');
        if (options.inDoubt === 'hold') return held(entry.handler);
      }
      void job.updateData({ user: job.data.user, ...facts }).catch(() => undefined);
      const started = Date.now();
      try {
        await ready(options, run, head);
        await options.wechat.sendCustomerServiceMessage(entry.openid, entry.message, { ai: entry.ai ?? false });
      } catch (error) {
        return refused(error, head, entry, options);
      }
      const ms = Date.now() - started;
      metrics.sends.inc({ errcode: '0' });
      log.info({ ...facts, ms, ...(head.inDoubt ? { inDoubt: true } : {}) }, 'send.ok');
      const doubt = head.inDoubt ? ', an earlier send of it was in doubt' : '';
      return { kind: 'done', facts: `sent in ${ms} ms${doubt}`, result: { ...facts, ms } };
    },
  };
}

class LostError extends Error {}

/** Has the token at hand, and claims the head again where that took long: a claim must not be old when bytes are written. */
async function ready({ redis, wechat, lockDuration }: Options, run: Run, head: Head): Promise<void> {
  await wechat.warm();
  if (Date.now() - head.claimedAt < lockDuration / 3) return;
  if ((await take(redis, run)).state !== 'head') throw new LostError();
}

function refused(error: unknown, head: Head, { handler }: AnswerEntry, { log, inDoubt: policy }: Options): Outcome {
  if (error instanceof LostError)
    return { kind: 'back', pause: 0, counts: '', facts: 'its claim was too old to send: taken again' };
  const facts = { key: keyOfId(head.id), handler };
  if (error instanceof ApiError) {
    const { errcode, rid, row } = error;
    metrics.sends.inc({ errcode: String(errcode) });
    log.warn({ ...facts, api: error.api, errcode, rid, meaning: row.meaning.en, who: row.who }, 'send.refused');
    return afterErrcode(error, head, handler);
  }
  metrics.sends.inc({ errcode: 'none' });
  log.warn({ ...facts, err: toError(error) }, 'send.failed');
  // A token that could not be fetched says nothing of the message.
  const inDoubt = error instanceof NetworkError && error.inDoubt && error.api === SEND_API;
  if (inDoubt && policy === 'hold') return held(handler);
  return later(head, handler, `${toError(error).message}${inDoubt ? '; it may have arrived' : ''}`);
}

/** Nothing is sent twice: somebody decides, by Retry in `dead`, whether it goes out again. */
const held = (handler: string): Outcome => ({ kind: 'dead', handler, reason: 'in doubt: it may have arrived' });

/** How long a lane waits where trying again at once is useless, in milliseconds. */
const PAUSES: Readonly<Record<string, number>> = {
  token: 60_000,
  slow: 60_000,
  daily: 900_000,
  config: 60_000,
  blocked: 900_000,
};

/** Whoever set a limit of the day may lift it meanwhile. */
const LONGEST_WAIT = 900_000;

function afterErrcode({ errcode, row, errmsg, retryAfter }: ApiError, head: Head, handler: string): Outcome {
  const why = `refused with ${errcode}: ${row.meaning.en}`;
  const pause = retryAfter === undefined ? PAUSES[row.reaction] : Math.min(retryAfter, LONGEST_WAIT);
  if (pause !== undefined) return { kind: 'back', pause: pause * (1 + Math.random() / 5), counts: '', facts: why };
  if (row.reaction === 'retry') return later(head, handler, why);
  return { kind: 'dead', handler, reason: `${why} (${errmsg})`.slice(0, 200) };
}

function later(head: Head, handler: string, why: string): Outcome {
  if (head.tries + 1 >= MAX_TRIES) return { kind: 'dead', handler, reason: why };
  return { kind: 'back', pause: backoff(head.tries, LONGEST_PAUSE), counts: 'tries', facts: why };
}
