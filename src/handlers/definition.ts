import type { RateUnit } from '../limit.ts';
import type { Logger } from '../log.ts';
import type { Message } from '../wechat/message.ts';
import type { Push, PushByKey, UnknownEvent, UnknownMessage } from '../wechat/push.ts';
import type { Session } from './session.ts';
import type { Text } from './texts.ts';

/** What a handler listens to: a message type, an event, or a group of them. */
export type On = keyof PushByKey | `message:${string}` | `event:${string}` | 'message' | 'event' | 'any';

/** The pushes that an `on` key, or a list of them, can bring. */
export type PushOf<K extends On> = K extends keyof PushByKey
  ? PushByKey[K]
  : K extends 'message'
    ? Exclude<Push, { MsgType: 'event' }>
    : K extends 'event'
      ? Extract<Push, { MsgType: 'event' }>
      : K extends `event:${string}`
        ? UnknownEvent
        : K extends `message:${string}`
          ? UnknownMessage
          : Push;

/** What a RegExp found: the whole match, its groups by number, and its named groups. Plain data, for it travels in a job. */
export interface Found extends ReadonlyArray<string> {
  readonly groups?: Readonly<Record<string, string>>;
}

/** A string is what is said, a RegExp is found in it, a function returns something truthy, at once. Its result must survive JSON. */
export type Matcher<P> = string | RegExp | ((push: P) => unknown);

/** Where no `match` is given, M is all that it could be, `undefined` among it. */
export type MatchOf<M> = unknown extends M
  ? unknown
  : undefined extends M
    ? undefined
    : M extends RegExp
      ? Found
      : M extends string
        ? string
        : M extends (...args: never[]) => infer R
          ? Exclude<R, undefined | null | false | 0 | ''>
          : undefined;

/** What `reply` and `run` may return. `undefined` is always legal: nothing to say. */
// biome-ignore lint/suspicious/noConfusingVoidType: a function without a return statement is a legal handler
export type Answer = string | Message | undefined | void | readonly (string | Message)[];

/** An answer that comes part by part. */
export type AnswerInParts = AsyncGenerator<string | Message, Quick>;

/** What `run` returns. */
export type RunResult = Answer | Promise<Answer> | AnswerInParts;

/** What `reply` gets. It runs in the receiver, and WeChat waits for it: a few milliseconds, no more. */
export interface ReplyContext<P, M> {
  readonly push: P;
  readonly match: M;
  readonly openid: string;
  readonly account: string;
  /** Names this push in logs, in `wxrelay trace`, and in the monitor. */
  readonly key: string;
  readonly log: Logger;
}

/** How often WeChat lets an account send to a user, as far as it was counted here. */
export interface Quota {
  /** Customer-service messages: 5 after a message of the user, 3 after a menu click, a follow or a scan. (客服消息) */
  readonly left: number;
  /** Milliseconds since 1970: 48 hours after a message, a minute after the others. */
  readonly ends: number;
}

/** What `run` gets. It runs in a worker and may take minutes. The floor of the API adds `wechat`: see src/api/run-context.ts. */
export interface RunContext<P, M> extends ReplyContext<P, M> {
  /** All pushes that this run takes, oldest first: more than one only with `whenBusy: 'merge'`; `push` is the newest. */
  readonly pushes: readonly P[];
  /** 1 the first time; more when an earlier run threw, timed out, or died with its process. */
  readonly attempt: number;
  /** Aborted at `timeout`, at the end of a drain, and when this push has gone to another worker. Hand it to `fetch`. */
  readonly signal: AbortSignal;
  /**
   * What this user's runs in this queue remember: at first `{}`; change its fields. Kept with the answer, so that a run that
   * fails, is stopped or replaced changes nothing; the user's next push finds it. At most 32 KiB of JSON (more, or what JSON
   * cannot write, is a failed run), for 24 hours after the last push; without fields it is gone. For its type see {@link Session}.
   */
  readonly session: Session;
  /**
   * What might still be sent to the user when the run began; answers that wait to be sent count as unsent. `undefined` where
   * it is not known.
   */
  readonly quota: Quota | undefined;
}

/** One thing the account can do. It has `reply`, `run`, or both. */
export interface Handler<K extends On = On, M extends Matcher<PushOf<K>> | undefined = undefined> {
  /** Stable: it is written into jobs, so that a deploy in between changes nothing. */
  readonly name: string;
  /** Names that it had before: pushes that still wait under one of them are run by this handler. */
  readonly formerly?: readonly string[];
  readonly on: K | readonly K[];
  /**
   * Tested against Content, Recognition or EventKey (of `subscribe` without `qrscene_`). A string must be all of it: spaces
   * around it, full-width forms and, in a voice, the last punctuation do not count. A RegExp sees what came, to the letter.
   */
  readonly match?: M;
  /** Said at once, as the passive reply: a value, or a function of a few milliseconds. */
  readonly reply?: Quick | ((context: ReplyContext<PushOf<K>, MatchOf<M>>) => Quick | Promise<Quick>);
  /**
   * The slow work. What it returns is delivered; of an async generator each `yield`, as it comes. A run after one that failed
   * or died leaves out as many parts as went before, so let it yield the same way again.
   */
  readonly run?: (context: RunContext<PushOf<K>, MatchOf<M>>) => RunResult;
  /** Milliseconds after which `signal` is aborted and the run counts as failed. Default 10 minutes. */
  readonly timeout?: number;
  /**
   * Milliseconds for which the push is held open, so that an answer that comes in time is its passive reply: free, and
   * without permission. `reply` is then said only where none came. Default 0, at most 4000.
   */
  readonly wait?: number;
  /** How many runs may throw or time out before the push is given up on. Default 3. */
  readonly attempts?: number;
  /**
   * Shows the user that an answer is being written (客服输入状态) once a run has lasted a second, while it goes on, on an
   * account that may send. Default true.
   */
  readonly typing?: boolean;
  /**
   * What becomes of a push that arrives while an earlier one of the same user and handler waits or runs. `queue` (default):
   * it waits its turn. `merge`: what waits is taken together, at most 20 pushes and 64 KiB, as `pushes`. `latest`: the one
   * that runs is aborted through `signal` and its answer dropped, but for parts that went before. `reject`: it is answered with `texts.rejected`.
   */
  readonly whenBusy?: 'queue' | 'merge' | 'latest' | 'reject';
  /** How many pushes of this handler a user may send in a while, such as `20/min` or `100/hour`; others get `texts.rejected`. No default. */
  readonly limit?: Limit;
  /** Said to the user when a push of this handler is given up on. Default: the account's `texts.sorry`. */
  readonly sorry?: Text;
  /** Marks what `run` returns as made by a model (`aimsgcontext`), as Chinese law asks: 内容由第三方AI生成. Default false. */
  readonly ai?: boolean;
  /** Texts that `run` returns are Markdown, as models write it, and become text for a chat: see docs/delivery.md. Default false. */
  readonly markdown?: boolean;
  /**
   * Pictures in Markdown (`![…](https://…)`) are sent as pictures, which the worker fetches from their addresses: at most 3 an
   * answer. `false`: they stay links, and nothing that a model wrote is fetched. Default true.
   */
  readonly pictures?: boolean;
  /** Texts that `run` returns keep what a model thought (`<think>…</think>`). Default: where they are no Markdown. */
  readonly showThinking?: boolean;
  /** Name of the BullMQ queue; another than `handle` has its own lanes and slots, so that slow work fills nobody else's. */
  readonly queue?: string;
  /** Slots of `queue` in one worker process; only with a `queue` of one's own. Default `WXRELAY_CONCURRENCY`. */
  readonly concurrency?: number;
}

/** So many in a second, a minute, an hour (`h` is one too), a day. */
export type Limit = `${number}/${RateUnit}`;

/** A passive reply carries one message. */
// biome-ignore lint/suspicious/noConfusingVoidType: as above
export type Quick = string | Message | undefined | void;

// biome-ignore lint/suspicious/noExplicitAny: the list holds handlers of every push and match; each was checked where it was written
export type AnyHandler = Handler<any, any>;

/** Gives a handler its types; a plain object of the same shape works as well. */
// M has no default: with one, `match: (push) => …` would not know its push.
export function handler<const K extends On, const M extends Matcher<PushOf<K>> | undefined>(
  definition: Handler<K, M>,
): Handler<K, M> {
  return definition;
}
