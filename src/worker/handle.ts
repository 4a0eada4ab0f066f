import type { Redis } from 'ioredis';
import type { WeChat } from '../api/client.ts';
import { toError } from '../errors.ts';
import { handlersByName } from '../handlers/by-name.ts';
import type { AnyHandler } from '../handlers/definition.ts';
import { matchFromJson } from '../handlers/route.ts';
import type { Session } from '../handlers/session.ts';
import { sayText, type Texts } from '../handlers/texts.ts';
import { framesOf, hush, wordsOf } from '../hush.ts';
import type { Logger } from '../log.ts';
import * as metrics from '../metrics.ts';
import { type PushEntry, readPushEntry } from '../store/entries.ts';
import { laneId, userOfKey } from '../store/keys.ts';
import type { Entry, Head, Part } from '../store/lanes.ts';
import type { Nudges } from '../store/nudges.ts';
import { DELIVER, type Queues } from '../store/queues.ts';
import { readSession, SessionError, sessionJson } from '../store/sessions.ts';
import type { Push } from '../wechat/push.ts';
import { type PrepareAnswer, sorryParts } from './answer.ts';
import { backoff } from './backoff.ts';
import { type Bounds, type Ended, LateError, runHandler } from './run-handler.ts';
import { showIfItLasts } from './show.ts';
import { speak } from './speak.ts';
import type { Outcome, Stage } from './stage.ts';
import type { ShowTyping } from './typing.ts';

const DEFAULT_TIMEOUT = 600_000;
const DEFAULT_ATTEMPTS = 3;
const LONGEST_PAUSE = 60_000;
/** Runs that died with their process; they are bounded apart, for a deploy may kill a good push several times. */
const MAX_DEATHS = 10;
/** Those that died together and would start together again: all but the first time they wait, each as long as chance says. */
const APART_FROM = 2;
const LONGEST_APART = 20_000;
/** A handler this worker does not know may belong to a deploy under way. */
const STRANGE_PAUSE = 60_000;
const STRANGE_BOUND = 3_600_000;

interface Options {
  readonly redis: Redis;
  readonly queues: Queues;
  readonly nudges: Nudges;
  /** Makes parts of an answer. */
  readonly prepare: PrepareAnswer;
  /** What handlers call the API with. */
  readonly wechat: WeChat;
  /** Long answers go on a page. */
  readonly pages: boolean;
  /** Finds out whether the account may send. */
  readonly ask: (openid: string) => void;
  readonly showTyping: ShowTyping;
  readonly handlers: readonly AnyHandler[];
  /** Which handler runs what waits for one that is gone. */
  readonly heirOf: (handler: string) => Promise<string | undefined>;
  readonly texts: Texts;
  readonly log: Logger;
  /** Aborted at the end of a drain. */
  readonly drained: AbortSignal;
}

/** A push in the hands of its handler. */
interface Case {
  /** Of one that this worker does not know, the name alone. */
  readonly handler: Omit<AnyHandler, 'on'>;
  readonly head: Head;
  /** The newest of the pushes that this run takes: its key names the answer. */
  readonly newest: Entry;
  readonly entry: PushEntry;
  /** All that this run takes, oldest first. */
  readonly pushes: readonly Push[];
  /** The run changes it. */
  readonly session: Session;
  readonly texts: Texts;
  readonly log: Logger;
}

/** The first stage: runs a push's handler, and hands its answer on to be delivered. */
export function handleStage(queue: string, options: Options): Stage {
  const { handlers, texts, log } = options;
  // Whatever its queue is by now: a deploy may have moved it while this push waited.
  const known = handlersByName(handlers.filter(({ run }) => run));
  return {
    queue,
    async work(head, run, job) {
      const newest = head.merged.at(-1) ?? head;
      const entry = readPushEntry(newest.json);
      const handler = known.get(entry.handler) ?? known.get((await options.heirOf(entry.handler)) ?? '');
      const attempt = head.tries + head.deaths + 1;
      const facts = { key: newest.id, handler: entry.handler, attempt };
      const its: Case = {
        handler: handler ?? { name: entry.handler },
        head,
        newest,
        entry,
        pushes: [head, ...head.merged].map(({ json }) => readPushEntry(json).push),
        session: readSession(head.session),
        texts,
        log: log.child(facts),
      };
      if (!handler) return strange(its);
      if (head.deaths >= MAX_DEATHS) return giveUp(its, `its process died during ${head.deaths} runs`);
      if (head.orphaned && head.deaths >= APART_FROM) return setApart(its);
      options.ask(entry.push.FromUserName);
      const shown = showIfItLasts(job, facts, `${facts.handler} takes ${facts.key}, attempt ${attempt}`);
      const started = Date.now();
      const speech = speak({ ...options, run, head, newest, entry, handler, lane: answerLane(head) });
      const hideTyping = handler.typing === false ? undefined : options.showTyping(entry.push.FromUserName);
      const ended = await runCase(its, attempt, { ...options, run, headId: head.id, say: speech.say });
      hideTyping?.();
      const ms = Date.now() - started;
      metrics.runs.inc({ handler: handler.name, outcome: ended.kind });
      metrics.runSeconds.observe(ms / 1000);
      const wasShown = await shown();
      const outcome = await outcomeOf(its, ended, ms, {
        prepare: options.prepare,
        said: speech.said(),
        rest: speech.rest(),
      });
      if (wasShown && outcome.kind === 'done')
        void job?.log(`${outcome.facts}, attempt ${attempt}`).catch(() => undefined);
      return outcome;
    },
  };
}

/** One that kills its process takes the others with it, time and again, until they no longer run beside it. */
function setApart({ handler, head, log }: Case): Outcome {
  const pause = Math.random() * Math.min(1000 * 2 ** head.deaths, LONGEST_APART);
  log.warn({ deaths: head.deaths, ms: Math.round(pause) }, 'run.set_apart');
  return {
    kind: 'back',
    pause,
    counts: '',
    facts: `${handler.name}'s process died ${head.deaths} times: again in ${(pause / 1000).toFixed(1)} s, apart from what died with it`,
  };
}

function strange(its: Case): Outcome {
  const { name } = its.handler;
  if (its.head.strangeFor > STRANGE_BOUND) return giveUp(its, `no worker has known the handler "${name}" for an hour`);
  its.log.error('handler.unknown');
  return { kind: 'back', pause: STRANGE_PAUSE, counts: 'strange', facts: `no handler "${name}" in this worker` };
}

function runCase(
  { handler, head, newest, entry, pushes, session, log }: Case,
  attempt: number,
  {
    wechat,
    ...bounds
  }: Pick<Options, 'redis' | 'nudges' | 'drained' | 'wechat'> & Pick<Bounds, 'run' | 'headId' | 'say'>,
): Promise<Ended> {
  const { push, account } = entry;
  const match = matchFromJson(entry.match);
  const context = {
    push,
    pushes,
    match,
    openid: push.FromUserName,
    account,
    key: newest.id,
    attempt,
    log,
    session,
    quota: head.quota,
    wechat,
  };
  return runHandler(handler, context, { ...bounds, timeout: handler.timeout ?? DEFAULT_TIMEOUT });
}

interface Said {
  readonly prepare: PrepareAnswer;
  /** How much a generator has said. */
  readonly said: number;
  /** What of it has not gone ahead. */
  readonly rest: readonly Part[];
}

async function outcomeOf(its: Case, ended: Ended, ms: number, { prepare, said, rest }: Said): Promise<Outcome> {
  const { handler, head, newest, entry, log } = its;
  const { name } = handler;
  if (ended.kind === 'lost') return { kind: 'lost' };
  if (ended.kind === 'replaced') {
    log.info({ ms }, 'run.replaced');
    return { kind: 'done', facts: '', result: { key: newest.id, handler: name, note: 'replaced by a later push', ms } };
  }
  if (ended.kind === 'stopped') {
    log.info({ ms }, 'run.returned');
    return { kind: 'back', pause: 0, counts: '', facts: `${name} stopped after ${ms} ms: this worker shuts down` };
  }
  if (ended.kind === 'failed') return afterFailure(its, ended.error, ms, rest);
  let session: string;
  try {
    session = sessionJson(its.session);
  } catch (error) {
    return afterFailure(its, error, ms, rest);
  }
  try {
    const parts = await prepare(ended.answer, newest, entry, handler);
    const count = said + parts.length;
    log.info({ ms, parts: count }, 'run.done');
    return {
      kind: 'done',
      facts: `${name} ran ${ms} ms${of(its)}, ${count} part(s)`,
      result: { key: newest.id, handler: name, parts: count, ms },
      ...(session === '{}' && head.session === '' ? {} : { session }),
      lane: answerLane(head),
      parts: [...rest, ...parts],
    };
  } catch (error) {
    // What WeChat would refuse it would refuse at every try; a file that could not be kept may be kept the next time.
    if (!(error instanceof TypeError)) return afterFailure(its, error, ms, rest);
    const why = hushed(its, error);
    log.error({ err: why }, 'run.failed');
    return giveUp(its, reasonOf(why), rest, framesOf(why));
  }
}

/** Whatever the handler threw, without what its user wrote. */
const hushed = ({ pushes, head }: Case, thrown: unknown): Error =>
  thrown instanceof LateError || thrown instanceof SessionError
    ? thrown
    : hush(toError(thrown), [...pushes.flatMap(wordsOf), head.session]);

function afterFailure(its: Case, thrown: unknown, ms: number, rest: readonly Part[]): Outcome {
  const { handler, head, log } = its;
  const why = hushed(its, thrown);
  log.error({ ms, err: why }, 'run.failed');
  if (head.tries + 1 >= (handler.attempts ?? DEFAULT_ATTEMPTS)) return giveUp(its, reasonOf(why), rest, framesOf(why));
  const pause = backoff(head.tries, LONGEST_PAUSE);
  const again = `again in ${(pause / 1000).toFixed(1)} s`;
  return {
    kind: 'back',
    pause,
    counts: 'tries',
    facts: `${handler.name} failed after ${ms} ms (${reasonOf(why)}), ${again}`,
  };
}

/** Nothing more is tried; the user is told so, after the rest of what was said. */
function giveUp(its: Case, reason: string, rest: readonly Part[] = [], frames?: readonly string[]): Outcome {
  const { handler, head, newest, entry, texts, log } = its;
  const dead = { kind: 'dead', handler: handler.name, reason, ...(frames ? { frames } : {}) } as const;
  try {
    const parts = sorryParts(sayText(handler.sorry ?? texts.sorry, entry.push), newest, entry);
    return { ...dead, lane: answerLane(head), parts: [...rest, ...parts] };
  } catch (error) {
    log.error({ err: hushed(its, error) }, 'sorry.failed');
    return dead;
  }
}

/** What a trace says of merged pushes. */
const of = ({ pushes, newest }: Case) => (pushes.length > 1 ? ` for ${pushes.length} pushes up to ${newest.id}` : '');

const answerLane = (head: Head) => laneId(DELIVER, userOfKey(head.id));

const reasonOf = ({ name, message }: Error) => `${name}: ${message}`.slice(0, 200).replaceAll('\n', ' ');
