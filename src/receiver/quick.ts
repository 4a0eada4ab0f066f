import { toError } from '../errors.ts';
import type { AnyHandler, ReplyContext } from '../handlers/definition.ts';
import { type Message, text } from '../wechat/message.ts';
import type { Push } from '../wechat/push.ts';
import { buildReply, type ReplyMessage } from '../wechat/reply.ts';

/** How a quick reply ended: its XML ('' = success), and what the trace says of it. */
export interface QuickReply {
  readonly xml: string;
  readonly facts: string;
  readonly error?: Error;
  readonly event?: 'reply.late' | 'reply.failed';
}

/** A reply that is there at once. */
export function fixedReply(say: () => unknown, push: Push, now: number): QuickReply {
  return attempt(() => encode(say(), push, now));
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
    (said: unknown) => attempt(() => encode(said, context.push, now())),
    (error: unknown) => failed('failed', toError(error)),
  );
  return Promise.race([reply, late]).finally(() => clearTimeout(timer));
}

function attempt(make: () => string): QuickReply {
  try {
    const xml = make();
    return { xml, facts: xml ? 'replied' : 'replied success' };
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

function encode(said: unknown, push: Push, now: number): string {
  if (said === undefined || said === null) return '';
  if (typeof said === 'string') return buildReply(push, text(said), now);
  if (typeof said === 'object' && typeof (said as Message).type === 'string')
    return buildReply(push, said as ReplyMessage, now);
  const what = Array.isArray(said)
    ? 'a list'
    : typeof said === 'object'
      ? 'an object that is none'
      : `a ${typeof said}`;
  throw new TypeError(`reply must be a string, a message such as text('…'), or nothing, not ${what}`);
}
