import type { Redis } from 'ioredis';
import { SEND_API, type WeChat } from '../api/client.ts';
import { ApiError, NetworkError } from '../api/errors.ts';
import { isTokenApi } from '../api/token-request.ts';
import type { InDoubt } from '../config.ts';
import { toError, withoutQuotes } from '../errors.ts';
import type { Texts } from '../handlers/texts.ts';
import { hush, wordsOf } from '../hush.ts';
import type { Logger } from '../log.ts';
import * as metrics from '../metrics.ts';
import type { CapabilityMemory } from '../store/capability.ts';
import { type AnswerEntry, keyOfId, partOfId, readAnswerEntry } from '../store/entries.ts';
import { userOfKey } from '../store/keys.ts';
import { type Head, type Run, take } from '../store/lanes.ts';
import type { Pages } from '../store/pages.ts';
import { DELIVER } from '../store/queues.ts';
import { correctWindow } from '../store/window.ts';
import { sorryForPart } from './answer.ts';
import { learnFrom } from './ask.ts';
import { backoff } from './backoff.ts';
import { UnfetchableError } from './fetch-file.ts';
import { type FittedHead, fitHead, parkHead } from './fit-window.ts';
import { otherForm } from './other-form.ts';
import { showIfItLasts } from './show.ts';
import type { Dead, Outcome, Stage } from './stage.ts';
import { transferred } from './transfer.ts';
import type { Uploads } from './upload.ts';

interface Options {
  readonly redis: Redis;
  /** Without it nothing is sent: passive replies alone. */
  readonly wechat: WeChat | undefined;
  readonly capability: CapabilityMemory;
  readonly texts: Texts;
  /** What the user of a handler is told of what is given up on, where that is the same for every push. */
  readonly sorryOf: (handler: string) => string;
  /** Where PUBLIC_URL is set. */
  readonly pages: Pages | undefined;
  readonly account: string;
  readonly uploads: Uploads;
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
const UNUSABLE_PAUSE = 30_000;
/** Of an API that is held back: somebody may bring its quota back sooner. */
const LONGEST_REST = 900_000;

/** The second stage: sends the parts of answers. A failing API never runs a handler again. */
export function deliverStage(options: Options): Stage {
  return {
    queue: DELIVER,
    sends: () => maySend(options),
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
        if (options.inDoubt === 'hold') return { ...held(entry.handler), also: head.alsoInDoubt };
      }
      const parked = async (why: string): Promise<Outcome> => {
        const what = await parkHead(head, entry, run, options);
        metrics.parked.inc(what.count);
        log.info({ ...facts, parts: what.count, why }, 'send.parked');
        return {
          kind: 'refit',
          ...what,
          facts: `parked ${what.count} part(s): ${why}`,
          result: { parked: what.count },
        };
      };
      if (entry.later) return parked('more than the window takes');
      const { wechat, capability } = options;
      if (!wechat || capability.current === 'passive') return parked('the account cannot send');
      // Whether a send begins was noted when the head was taken.
      if (!run.sends || capability.current === 'unusable')
        return {
          kind: 'back',
          pause: maySend(options) ? 0 : UNUSABLE_PAUSE,
          counts: '',
          // Every lane says so twice a minute: the trace would hold nothing else.
          facts: '',
        };
      // One of many by our own count; a single answer asks WeChat, whose count may differ.
      if (entry.of === 0 && head.quota?.left === 0) return parked('nothing is left of the window');
      const fitted = await fitHead(head, entry, run, options);
      if (fitted) return refitted(fitted, facts, log);
      const shown = showIfItLasts(job, facts, `sends part ${facts.part} of ${facts.key}`);
      if (entry.message.type === 'transfer_customer_service')
        return transferred(entry.message, {
          head,
          entry,
          run,
          wechat,
          facts,
          log,
          parked,
          refused: (error) => refused(error, head, entry, options),
        }).finally(shown);
      const started = Date.now();
      try {
        await send(options, wechat, run, head, entry).finally(shown);
      } catch (error) {
        const other = await otherForm(error, head, entry, options, facts);
        if (other) return other;
        const told = sorryForPart(head, entry, run, options.sorryOf(entry.handler));
        if (error instanceof UnfetchableError || error instanceof TypeError)
          return { kind: 'dead', handler: entry.handler, reason: withoutQuotes(error.message).slice(0, 200), ...told };
        await learnFrom(error, capability, log);
        if (error instanceof ApiError && head.quota)
          await correctWindow(options.redis, run.tag, userOfKey(head.id), head.quota, error.errcode);
        const what = refused(error, head, entry, options);
        if (what === 'park') return parked(`refused with ${(error as ApiError).errcode}`);
        return what.kind === 'dead' && what.reason !== IN_DOUBT ? { ...what, ...told } : what;
      }
      options.uploads.sent(entry, run.tag);
      // It was sent, whatever becomes of that: a run that failed would send it again.
      if (capability.current === 'unknown')
        await capability.learn('on').catch((error) => log.warn({ err: toError(error) }, 'capability.not_learned'));
      const ms = Date.now() - started;
      metrics.sends.inc({ errcode: '0' });
      log.info({ ...facts, ms, ...(head.inDoubt ? { inDoubt: true } : {}) }, 'send.ok');
      const doubt = head.inDoubt ? ', an earlier send of it was in doubt' : '';
      return { kind: 'done', facts: `sent in ${ms} ms${doubt}`, result: { ...facts, ms } };
    },
  };
}

const maySend = ({ wechat, capability: { current } }: Options) =>
  wechat !== undefined && current !== 'passive' && current !== 'unusable';

function refitted({ refused, ...refit }: FittedHead, facts: object, log: Logger): Outcome {
  // Nobody can be told: WeChat's own AI takes over inside the push's request or not at all.
  for (const { type } of refused) log.error({ ...facts, type }, 'send.impossible');
  const impossible = refused.map(({ type }) => `, ${type} can no longer be said`).join('');
  return { kind: 'refit', ...refit, facts: `${refit.facts}${impossible}`, result: facts };
}

/** Sends the head; what its media are is uploaded first, and again where WeChat does not know it any more. */
async function send(options: Options, wechat: WeChat, run: Run, head: Head, entry: AnswerEntry): Promise<void> {
  const { uploads } = options;
  for (let again = false; ; again = true) {
    const { message, uploaded } = await uploads.complete(wechat, entry, run.tag);
    await ready(options, wechat, run, head);
    try {
      return await wechat.sendCustomerServiceMessage(entry.openid, message, { ai: entry.ai ?? false });
    } catch (error) {
      const isGone = error instanceof ApiError && error.row.reaction === 'media' && uploaded.length > 0;
      if (!isGone || again) throw error;
      await uploads.forget(uploaded);
    }
  }
}

class LostError extends Error {}

/** Has the token at hand, and claims the head again where that took long: a claim must not be old when bytes are written. */
async function ready({ redis, lockDuration }: Options, wechat: WeChat, run: Run, head: Head): Promise<void> {
  await wechat.warm();
  if (Date.now() - head.claimedAt < lockDuration / 3) return;
  if ((await take(redis, run)).state !== 'head') throw new LostError();
}

function refused(
  error: unknown,
  head: Head,
  { handler, message }: AnswerEntry,
  { log, inDoubt: policy }: Options,
): Outcome | 'park' {
  if (error instanceof LostError)
    return { kind: 'back', pause: 0, counts: '', facts: 'its claim was too old to send: taken again' };
  const facts = { key: keyOfId(head.id), handler };
  if (error instanceof ApiError) {
    const { api, errcode, rid, row, advice } = error;
    metrics.sends.inc({ errcode: String(errcode) });
    const toDo = advice ? { advice: advice.en, advice_zh: advice.zh } : {};
    log.warn({ ...facts, api, errcode, rid, meaning: row.meaning.en, who: row.who, ...toDo }, 'send.refused');
    return afterErrcode(error, head, { handler, message });
  }
  metrics.sends.inc({ errcode: 'none' });
  log.warn({ ...facts, err: toError(error) }, 'send.failed');
  if (error instanceof NetworkError && isTokenApi(error.api)) return withoutToken(error);
  const inDoubt = error instanceof NetworkError && error.inDoubt && error.api === SEND_API;
  if (inDoubt && policy === 'hold') return held(handler);
  return later(head, handler, `${toError(error).message}${inDoubt ? '; it may have arrived' : ''}`);
}

/** Nothing is sent twice: somebody decides, by Retry in `dead`, whether it goes out again. */
const held = (handler: string): Dead => ({ kind: 'dead', handler, reason: IN_DOUBT });
const IN_DOUBT = 'in doubt: it may have arrived';

/**
 * A token that could not be fetched says nothing of the message: it waits as long as it takes, and nothing is counted. The
 * pause is short, for whoever asks for a token waits for it: asking costs WeChat nothing.
 */
const withoutToken = ({ message }: Error): Outcome => ({
  kind: 'back',
  pause: backoff(0, LONGEST_PAUSE),
  counts: '',
  facts: message,
});

/** How long a lane waits where trying again at once is useless, in milliseconds. */
const PAUSES: Readonly<Record<string, number>> = {
  token: 60_000,
  slow: 60_000,
  daily: 900_000,
  config: 60_000,
  blocked: 900_000,
};

function afterErrcode(
  error: ApiError,
  head: Head,
  { handler, message }: Pick<AnswerEntry, 'handler' | 'message'>,
): Outcome | 'park' {
  const { errcode, row } = error;
  const why = `refused with ${errcode}: ${row.meaning.en}`;
  if (isTokenApi(error.api) && row.reaction === 'retry') return withoutToken(error);
  const pause = pauseAfter(error);
  if (pause !== undefined) return { kind: 'back', pause: pause * (1 + Math.random() / 5), counts: '', facts: why };
  if (row.reaction === 'park' || row.reaction === 'passive-only') return 'park';
  if (row.reaction === 'retry') return later(head, handler, why);
  // What answers may not be WeChat, and repeat what was to be sent.
  const errmsg = hush(new Error(error.errmsg), wordsOf(message)).message;
  return { kind: 'dead', handler, reason: `${why} (${errmsg})`.slice(0, 200) };
}

function pauseAfter({ api, row, retryAt }: ApiError): number | undefined {
  if (retryAt !== undefined) return Math.min(Math.max(retryAt - Date.now(), 1000), LONGEST_REST);
  return PAUSES[row.reaction] ?? (isTokenApi(api) ? PAUSES['config'] : undefined);
}

function later(head: Head, handler: string, why: string): Outcome {
  if (head.tries + 1 >= MAX_TRIES) return { kind: 'dead', handler, reason: why };
  return { kind: 'back', pause: backoff(head.tries, LONGEST_PAUSE), counts: 'tries', facts: why };
}
