import { ConfigError } from '../errors.ts';
import type { Message } from '../wechat/message.ts';
import type { Push } from '../wechat/push.ts';
import type { Handler, Matcher, On, PushOf, RunContext, RunResult } from './definition.ts';
import { createRouter } from './route.ts';
import { answerOf, formOf, wordsOf } from './said.ts';
import type { Session } from './session.ts';

/** What the user answers with. */
type Said = PushOf<'message'>;

/** One question of a conversation. */
export interface Step<N extends string = string> {
  /** Its answer is kept under this name. */
  readonly name: N;
  /** The question; a function gets the answers so far. */
  // biome-ignore lint/suspicious/noExplicitAny: what earlier steps read is known only where the steps stand together
  readonly ask: string | Message | ((answers: any) => string | Message);
  /**
   * What the user's message says, for JSON to keep; `undefined` where it is no answer, and then the question comes again. Default:
   * what was written, or said in a voice message, without its last punctuation.
   */
  readonly read?: (push: Said) => unknown;
  /** Said instead of the question where a message was no answer. */
  readonly again?: string | Message;
}

/** What was answered, by the names of the steps. */
export type Answers<S extends readonly Step[]> = {
  readonly [T in S[number] as T['name']]: T extends { readonly read: (...args: never[]) => infer R }
    ? Exclude<R, undefined>
    : string;
};

export interface Conversation<
  K extends On,
  M extends Matcher<PushOf<K>> | undefined,
  S extends readonly [Step, ...Step[]],
> extends Pick<
    Handler,
    'wait' | 'timeout' | 'attempts' | 'typing' | 'limit' | 'sorry' | 'ai' | 'queue' | 'concurrency'
  > {
  /** Of the handler, and of the conversation in the session. */
  readonly name: string;
  /** With `match`: what begins it. The same again begins it again; while another goes on, only an event does. */
  readonly on: K | readonly K[];
  readonly match?: M;
  /** The questions, in order. */
  readonly steps: S;
  /** All is answered. Where it fails it is run again, with the same answers. */
  readonly done: (answers: Answers<S>, context: RunContext<Push, unknown>) => RunResult;
  /** What ends it early, found in what was written or said, to the letter. Default 取消 or cancel, compared as `match` is. */
  readonly cancel?: RegExp;
  /** Said then. Default 已取消。 */
  readonly cancelled?: string | Message;
  /** What a message that does not belong to it is answered with; the `run` of another conversation will do. */
  readonly otherwise?: ((context: RunContext<Said, undefined>) => RunResult) | undefined;
}

const CANCEL = /^(?:取消|cancel)$/i;
const CANCELLED = '已取消。';

/** What the session keeps, in its field `conversation`: a user is in one at a time. */
interface Underway {
  readonly name: string;
  readonly step: string;
  readonly answers: Record<string, unknown>;
}

/**
 * A handler that asks one question after the other. It ends with `done`, with 取消, or with the session, 24 hours after the
 * last word.
 *
 * A push is routed before anybody has read the session, so this handler takes **every message** that comes to it, and answers
 * with `otherwise` what belongs to no conversation: put it behind the handlers that should be heard in between (退订, 帮助), and
 * in the place of the one that takes the rest.
 *
 * ```ts
 * export default conversation({
 *   name: 'booking',
 *   on: 'text',
 *   match: '订座',
 *   steps: [
 *     { name: 'day', ask: '哪一天？' },
 *     {
 *       name: 'people',
 *       ask: ({ day }) => `${day}，几位？`,
 *       read: (push) => (push.MsgType === 'text' && Number(push.Content)) || undefined,
 *       again: '请输入一个数字。',
 *     },
 *   ],
 *   done: ({ day, people }) => book(day, people).then(() => `订好了：${day}，${people} 位。`),
 *   otherwise: ({ push }) => ask(push),
 * });
 * ```
 */
export function conversation<
  const K extends On,
  const M extends Matcher<PushOf<K>> | undefined,
  const S extends readonly [Step, ...Step[]],
>(given: Conversation<K, M, S>) {
  const { on, match, steps, done, cancel, cancelled = CANCELLED, otherwise, ...options } = given;
  const { name } = options;
  const [first] = steps;
  const names = new Set(steps.map((step) => step.name));
  if (names.size < steps.length || first === undefined)
    throw new ConfigError([`the conversation "${name}" needs steps, each with a name of its own.`]);
  const begins = createRouter([{ name, on, match, run: () => undefined }], (_, error) => {
    throw error;
  });

  const cancels = (said: Said) => (cancel ? wordsOf(said).search(cancel) >= 0 : CANCEL.test(formOf(said)));

  const goOn = (underway: Underway, said: Said, context: RunContext<Push, unknown>): RunResult => {
    const { session } = context;
    const at = steps.findIndex((step) => step.name === underway.step);
    const step = steps[at] as Step;
    if (cancels(said)) {
      delete session[FIELD];
      return cancelled;
    }
    const answer = step.read ? step.read(said) : answerOf(said) || undefined;
    if (answer instanceof Promise) throw new TypeError(`read of the step "${step.name}" must not be async`);
    if (answer === undefined) return step.again ?? ask(step, underway.answers);
    const answers = { ...underway.answers, [step.name]: answer };
    const next = steps[at + 1];
    if (next) return begin(session, next, answers);
    delete session[FIELD];
    return done(answers as Answers<S>, context);
  };

  const begin = (session: Session, step: Step, answers: Underway['answers']) => {
    session[FIELD] = { name, step: step.name, answers } satisfies Underway;
    return ask(step, answers);
  };

  return {
    ...options,
    on: ['message', ...[on].flat()] as On[],
    // An event is an answer to nothing.
    match: (push: Push) => push.MsgType !== 'event' || begins(push) !== undefined,
    run(context: RunContext<Push, unknown>): RunResult {
      const { push, session } = context;
      const underway = underwayIn(session);
      // Events were looked at when they were routed.
      if (push.MsgType === 'event') return begin(session, first, {});
      const isMine = underway?.name === name;
      if ((!underway || isMine) && begins(push)) return begin(session, first, {});
      // A deploy may have taken the step away.
      if (isMine && names.has(underway.step)) return goOn(underway, push, context);
      return otherwise?.({ ...context, push, pushes: context.pushes as readonly Said[], match: undefined });
    },
  };
}

const FIELD = 'conversation';

const underwayIn = (session: Session) => session[FIELD] as Underway | undefined;
const ask = ({ ask: question }: Step, answers: Underway['answers']) =>
  typeof question === 'function' ? question(answers) : question;
