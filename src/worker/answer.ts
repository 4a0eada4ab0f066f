import { partsOf, piecesOf } from '../delivery/parts.ts';
import { type AnswerEntry, encodeAnswerEntry, type PushEntry, partId, partOfId } from '../store/entries.ts';
import type { Entry, Part } from '../store/lanes.ts';
import { MAX_TEXT_BYTES } from '../wechat/checks.ts';

/** What is sent for a push never overtakes its passive reply, which has left by then or never will. Milliseconds. */
const GATE = 5000;

interface PartOptions {
  /** Made by a model. */
  readonly ai: boolean;
  /** Cut to what one customer-service message takes; else whole, for a passive reply may carry it. */
  readonly cut: boolean;
  /** Parts of the whole answer, where these are not all. */
  readonly of?: number;
}

/**
 * The parts of an answer, as they wait to be sent. Throws a TypeError for what WeChat would refuse: better now, with the
 * handler's name, than at every try to send it.
 */
export function answerParts(answer: unknown, of: Entry, entry: PushEntry, options: PartOptions): Part[] {
  return partsNamed('', answer, of, entry, options);
}

/** The parts of what a generator yielded, after so many others. How many there will be nobody knows. */
export function yieldedParts(said: unknown, number: number, of: Entry, entry: PushEntry, options: PartOptions): Part[] {
  const parts = partsNamed(`${number}.`, said, of, entry, { ...options, of: 0 });
  return parts.length === 1 ? parts.map(({ json }) => ({ id: partId(of.id, String(number)), json })) : parts;
}

/** What a user is told of a push that was given up on: it may still be retried, and then has an answer of its own. */
export function sorryParts(text: string, of: Entry, entry: PushEntry): Part[] {
  return partsNamed('sorry', text, of, entry, { ai: false, cut: true });
}

function partsNamed(name: string, answer: unknown, of: Entry, entry: PushEntry, options: PartOptions): Part[] {
  const { ai, cut } = options;
  const { account, handler, gated, push } = entry;
  const messages = cut ? partsOf(answer) : piecesOf(answer).map(({ message }) => message);
  return messages.map((message, index) => {
    const part: AnswerEntry = {
      ...(gated ? { gate: of.arrivedAt + GATE } : {}),
      account,
      handler,
      openid: push.FromUserName,
      of: options.of ?? messages.length,
      ...(ai ? { ai } : {}),
      message,
    };
    return { id: partId(of.id, `${name}${index}`), json: encodeAnswerEntry(part) };
  });
}

/** The parts of one that is too long to be sent as it is; none where it is not. */
export function cutParts(id: string, entry: AnswerEntry): Part[] {
  const { message } = entry;
  if (message.type !== 'text' || Buffer.byteLength(message.content) <= MAX_TEXT_BYTES) return [];
  const messages = partsOf(message);
  return messages.map((one, index) => ({ id: `${id}.${index}`, json: encodeAnswerEntry({ ...entry, message: one }) }));
}

/** An answer that waits for its user to write says so when it comes. */
export function parkedEntry(id: string, entry: AnswerEntry, earlier: string): string {
  const { gate: _, ...rest } = entry;
  const { message } = entry;
  const isFirst = partOfId(id) === '0';
  if (!isFirst || message.type !== 'text') return encodeAnswerEntry(rest);
  return encodeAnswerEntry({ ...rest, message: { ...message, content: `${earlier}\n${message.content}` } });
}
