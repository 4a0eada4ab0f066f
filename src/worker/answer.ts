import { partsOf } from '../delivery/parts.ts';
import { type AnswerEntry, encodeAnswerEntry, type PushEntry, partId } from '../store/entries.ts';
import type { Entry, Part } from '../store/lanes.ts';
import { customerServiceMessage } from '../wechat/customer-service.ts';

/** What is sent for a push never overtakes its passive reply, which has left by then or never will. Milliseconds. */
const GATE = 5000;

/**
 * The parts of an answer, as they wait to be sent. Throws a TypeError for what WeChat would refuse: better now, with the
 * handler's name, than at every try to send it.
 */
export function answerParts(answer: unknown, of: Entry, entry: PushEntry, ai = false): Part[] {
  return partsNamed('', answer, of, entry, ai);
}

/** What a user is told of a push that was given up on: it may still be retried, and then has an answer of its own. */
export function sorryParts(text: string, of: Entry, entry: PushEntry): Part[] {
  return partsNamed('sorry', text, of, entry, false);
}

function partsNamed(name: string, answer: unknown, of: Entry, entry: PushEntry, ai: boolean): Part[] {
  const { account, handler, gated, push } = entry;
  const messages = partsOf(answer);
  return messages.map((message, index) => {
    customerServiceMessage(push.FromUserName, message);
    const part: AnswerEntry = {
      ...(gated ? { gate: of.arrivedAt + GATE } : {}),
      account,
      handler,
      openid: push.FromUserName,
      of: messages.length,
      ...(ai ? { ai } : {}),
      message,
    };
    return { id: partId(of.id, `${name}${index}`), json: encodeAnswerEntry(part) };
  });
}
