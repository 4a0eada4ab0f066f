import { cleanForJson } from '../wechat/cdata.ts';
import { customerServiceMessage } from '../wechat/customer-service.ts';
import { type Message, text } from '../wechat/message.ts';
import { splitText } from './split.ts';

/** The customer-service messages of what a handler's `run` returned. Throws a TypeError for what is no answer. */
export function partsOf(answer: unknown): Message[] {
  if (answer === undefined || answer === null) return [];
  if (Array.isArray(answer)) return answer.flatMap(partsOf);
  if (typeof answer === 'string') return splitText(cleanForJson(answer)).map(text);
  if (!isMessage(answer))
    throw new TypeError(
      `a handler returned ${describe(answer)}; return a string, a message such as text('…'), an array of them, or nothing`,
    );
  if (answer.type === 'text') return partsOf(answer.content);
  // What cannot be sent is a mistake in the handler, and known now: delivery would try it again and again.
  customerServiceMessage('', answer);
  return [answer];
}

const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

const describe = (value: unknown) => (typeof value === 'object' ? 'an object that is no message' : `a ${typeof value}`);
