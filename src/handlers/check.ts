import { ConfigError, toError } from '../errors.ts';
import { HOW_TO_WRITE_A_RATE, readRate } from '../limit.ts';
import { isLegalKey, KNOWN_KEYS, MESSAGE_KEYS } from '../wechat/keys.ts';
import { text } from '../wechat/message.ts';
import { buildReply } from '../wechat/reply.ts';
import type { AnyHandler } from './definition.ts';

export const DEFAULT_QUEUE = 'handle';
/** Names that mean something else inside the same Redis prefix. */
const TAKEN_QUEUES = [
  'deliver',
  'dead',
  'wake',
  'claim',
  'lane',
  'state',
  'trace',
  'check',
  'oldest',
  'sweeper',
  'buried',
  'limit',
  'forget',
  'forgotten',
  'nudge',
  'alive',
  'hold',
  'overdue',
  'blob',
  'page',
  'pages',
  'parked',
  'window',
  'session',
  'follow',
];
/** What a timer of Node can hold; a longer one would go off at once. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;
const OPTIONS = [
  'name',
  'formerly',
  'on',
  'match',
  'reply',
  'run',
  'timeout',
  'attempts',
  'queue',
  'sorry',
  'ai',
  'markdown',
  'pictures',
  'showThinking',
  'concurrency',
  'whenBusy',
  'limit',
  'wait',
  'typing',
];

/** Checks a module's `handlers` at start: a wrong one stops the start with a message that says where and what to do. */
export function checkHandlers(
  handlers: unknown,
  file: string,
): { handlers: readonly AnyHandler[]; warnings: string[] } {
  if (!Array.isArray(handlers))
    throw new ConfigError([`${file} must export an array named "handlers": export const handlers = [hello, ...];`]);
  const problems: string[] = [];
  const warnings: string[] = [];
  const seen = new Map<string, number>();
  handlers.forEach((handler: AnyHandler, index) => {
    const where = `${file}: handlers[${index}]${handler?.name && typeof handler.name === 'string' ? ` "${handler.name}"` : ''}`;
    if (typeof handler !== 'object' || handler === null) {
      problems.push(`${where} is not a handler: export default handler({ name, on, reply or run }).`);
      return;
    }
    problems.push(...[...checkOne(handler)].map((problem) => `${where} ${problem}`));
    const ignored = Object.keys(handler).filter((option) => !OPTIONS.includes(option));
    if (ignored.length > 0)
      warnings.push(`${where} has options that are not known and are ignored: ${ignored.join(', ')}`);
    for (const name of [handler.name, ...(Array.isArray(handler.formerly) ? handler.formerly : [])]) {
      if (typeof name !== 'string') continue;
      const other = seen.get(name);
      const has = name === handler.name ? 'has the name' : `is formerly "${name}", a name`;
      if (other !== undefined)
        problems.push(`${where} ${has} of handlers[${other}]; names are written into jobs, so give it another one.`);
      seen.set(name, index);
    }
  });
  problems.push(...checkQueues(handlers.filter(Boolean), file));
  if (problems.length > 0) throw new ConfigError(problems);
  return { handlers, warnings };
}

function* checkOne(handler: AnyHandler): Generator<string> {
  const {
    name,
    formerly,
    on,
    match,
    reply,
    run,
    timeout,
    attempts,
    queue,
    concurrency,
    whenBusy,
    limit,
    wait,
    typing,
  } = handler;
  if (!isName(name)) yield 'needs a name of letters, digits, "_" and "-", such as name: \'weather\'.';
  if (formerly !== undefined && !(Array.isArray(formerly) && formerly.every(isName)))
    yield "has a formerly that is not a list of names: write the names that it had before, such as formerly: ['wether'].";
  const keys: unknown[] = Array.isArray(on) ? on : [on];
  if (keys.length === 0) yield "has an empty list in on: write what it listens to, such as on: 'text'.";
  for (const key of keys) if (typeof key !== 'string' || !isLegalKey(key)) yield wrongKey(key);
  if (reply === undefined && run === undefined)
    yield 'has neither reply nor run: give it a quick "reply", a slow "run", or both.';
  yield* checkReply(reply);
  if (run !== undefined && typeof run !== 'function') yield 'has a run that is not a function.';
  if (match !== undefined && typeof match !== 'string' && typeof match !== 'function' && !(match instanceof RegExp))
    yield 'has a match that is neither a string, a RegExp nor a function.';
  if (match instanceof RegExp && (match.global || match.sticky))
    yield 'has a match with the flag g or y, which remembers its place between pushes: leave the flag out.';
  if (timeout !== undefined && !(Number.isFinite(timeout) && timeout > 0 && timeout <= LONGEST_TIMEOUT))
    yield `has a timeout that is not a number of milliseconds above 0 and at most ${LONGEST_TIMEOUT}, some 24 days.`;
  if (attempts !== undefined && !(Number.isInteger(attempts) && attempts > 0))
    yield 'has attempts that are not a whole number above 0.';
  if (queue !== undefined && (!/^[a-z][a-z0-9-]{1,31}$/.test(queue) || TAKEN_QUEUES.includes(queue)))
    yield `has the queue ${JSON.stringify(queue)}: use 2 to 32 small letters, digits and "-", and none of ${TAKEN_QUEUES.join(', ')}.`;
  if (wait !== undefined && !(Number.isFinite(wait) && wait >= 0 && wait <= 4000 && run !== undefined))
    yield 'has a wait that is not a number of milliseconds from 0 to 4000, or no run to wait for.';
  if (whenBusy !== undefined && !(WHEN_BUSY.includes(whenBusy) && run !== undefined))
    yield `has a whenBusy that is none of ${WHEN_BUSY.join(', ')}, or no run that could be busy.`;
  if (typing !== undefined && typeof typing !== 'boolean') yield 'has a typing that is neither true nor false.';
  if (limit !== undefined && !readRate(limit)) yield `has the limit ${JSON.stringify(limit)}: ${HOW_TO_WRITE_A_RATE}.`;
  if (
    concurrency !== undefined &&
    (!(Number.isInteger(concurrency) && concurrency > 0) || queueOf(handler) === DEFAULT_QUEUE)
  )
    yield 'has a concurrency, which is a whole number above 0 and goes with a queue of its own: add queue, or set WXRELAY_CONCURRENCY.';
}

/** What a handler may be called: its name is part of keys and jobs. */
export const isName = (name: unknown): name is string => typeof name === 'string' && /^[\w-]{1,64}$/.test(name);

/** Stands for any push; an event, for a news reply to it may have the most articles. */
const SAMPLE = { ToUserName: 'gh_', FromUserName: 'o', CreateTime: '0', MsgType: 'event' };

/** A reply that is a value can be tried before anybody writes. */
function* checkReply(reply: AnyHandler['reply']): Generator<string> {
  if (reply === undefined || typeof reply === 'function') return;
  const message = typeof reply === 'string' ? text(reply) : reply;
  if (typeof (message as { type?: unknown } | null)?.type !== 'string')
    return yield "has a reply that is neither a string, a message such as text('…'), nor a function.";
  try {
    buildReply(SAMPLE, message as Parameters<typeof buildReply>[1], 0);
  } catch (error) {
    yield `has a reply that WeChat would refuse. ${toError(error).message}`;
  }
}

function* checkQueues(handlers: readonly AnyHandler[], file: string): Generator<string> {
  const slots = new Map<string, number>();
  for (const { queue, concurrency } of handlers) {
    if (queue === undefined || concurrency === undefined) continue;
    if ((slots.get(queue) ?? concurrency) !== concurrency)
      yield `${file}: two handlers give the queue "${queue}" different concurrency: give one number in one of them.`;
    slots.set(queue, concurrency);
  }
}

function wrongKey(key: unknown): string {
  const bare =
    typeof key === 'string'
      ? key
          .toLowerCase()
          .trim()
          .replace(/^message:/, '')
      : undefined;
  const near = bare === undefined ? undefined : KNOWN_KEYS.find((known) => known.toLowerCase().endsWith(bare));
  return `listens on ${JSON.stringify(key)}, which does not exist${near ? `; did you mean '${near}'?` : `: use one of ${MESSAGE_KEYS.join(', ')}, 'message:NAME', 'event:NAME', 'message', 'event', 'any'.`}`;
}

const WHEN_BUSY = ['queue', 'merge', 'latest', 'reject'];
/** The queue in whose lanes a handler's pushes wait. */
export const queueOf = (handler: AnyHandler): string => handler.queue ?? DEFAULT_QUEUE;

/** The `on` keys of a handler, in small letters: captures differ in the case of events (`scan`). */
export const keysOf = (handler: AnyHandler): string[] => [handler.on].flat().map((key: string) => key.toLowerCase());
