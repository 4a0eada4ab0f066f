import { toError } from '../errors.ts';
import type { AnyHandler, ReplyContext } from '../handlers/definition.ts';
import { type Message, text } from '../wechat/message.ts';
import type { Push } from '../wechat/push.ts';
import { buildReply, type ReplyMessage } from '../wechat/reply.ts';

/** How a quick reply ended: its XML ('' = success), and what the trace says of it. */
export interface QuickReply {
  readonly xml: string;
  /** The message that the XML carries, if any. */
  readonly message?: ReplyMessage;
  readonly facts: string;
  readonly error?: Error;
  readonly event?: 'reply.late' | 'reply.failed';
}

/** A reply that is there at once. */
export function fixedReply(say: () => unknown, push: Push, now: number): QuickReply {
  return attempt(say, push, now);
}

/** Runs a quick handler. One that throws, returns nonsense, or is late costs the user no fault: `success` in time. */
export async function runQuick(
  handler: AnyHandler,
  context: ReplyContext<Push, unknown>,
  budget: number,
  now: () => number,
): Promise<QuickReply> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<QuickReply>((resolve) => {
    const why = new Error(`reply took longer than the ${Math.max(0, Math.round(budget))} ms that were left`);
    timer = setTimeout(resolve, budget, failed('late', why));
  });
  const reply = (async () => (handler.reply as (context: ReplyContext<Push, unknown>) => unknown)(context))().then(
    (said: unknown) => attempt(() => said, context.push, now()),
    (error: unknown) => failed('failed', toError(error)),
  );
  return Promise.race([reply, late]).finally(() => clearTimeout(timer));
}

function attempt(say: () => unknown, push: Push, now: number): QuickReply {
  try {
    const message = messageOf(say());
    if (!message) return { xml: '', facts: 'replied success' };
    return { xml: buildReply(push, message, now), message, facts: 'replied' };
  } catch (error) {
    return failed('failed', toError(error));
  }
}

const failed = (how: 'late' | 'failed', error: Error): QuickReply => ({
  xml: '',
  facts: `reply ${how}, replied success`,
  error,
  event: `reply.${how}`,
});

function messageOf(said: unknown): ReplyMessage | undefined {
  if (said === undefined || said === null) return undefined;
  if (typeof said === 'string') return text(said);
  if (typeof said === 'object' && typeof (said as Message).type === 'string') return said as ReplyMessage;
  const what = Array.isArray(said)
    ? 'a list'
    : typeof said === 'object'
      ? 'an object that is none'
      : `a ${typeof said}`;
  throw new TypeError(`reply must be a string, a message such as text('…'), or nothing, not ${what}`);
}
