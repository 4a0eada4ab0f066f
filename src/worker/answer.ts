import { partsOf } from '../delivery/parts.ts';
import { type AnswerEntry, encodeAnswerEntry, type PushEntry, partId } from '../store/entries.ts';
import type { Head, Part } from '../store/lanes.ts';
import { customerServiceMessage } from '../wechat/customer-service.ts';

/** What is sent for a push never overtakes its passive reply, which has left by then or never will. Milliseconds. */
const GATE = 5000;

/**
 * The parts of an answer, as they wait to be sent. Throws a TypeError for what WeChat would refuse: better now, with the
 * handler's name, than at every try to send it.
 */
export function answerParts(answer: unknown, head: Head, entry: PushEntry, ai = false): Part[] {
  return partsNamed('', answer, head, entry, ai);
}

/** What a user is told of a push that was given up on: it may still be retried, and then has an answer of its own. */
export function sorryParts(text: string, head: Head, entry: PushEntry): Part[] {
  return partsNamed('sorry', text, head, entry, false);
}

function partsNamed(name: string, answer: unknown, head: Head, entry: PushEntry, ai: boolean): Part[] {
  const { account, handler, gated, push } = entry;
  const messages = partsOf(answer);
  return messages.map((message, index) => {
    customerServiceMessage(push.FromUserName, message);
    const part: AnswerEntry = {
      ...(gated ? { gate: head.arrivedAt + GATE } : {}),
      account,
      handler,
      openid: push.FromUserName,
      of: messages.length,
      ...(ai ? { ai } : {}),
      message,
    };
    return { id: partId(head.id, `${name}${index}`), json: encodeAnswerEntry(part) };
  });
}
