import type { Message } from '../wechat/message.ts';
import { text } from '../wechat/message.ts';
import { splitText } from './split.ts';

/** The customer-service messages of what a handler's `run` returned. Throws a TypeError for what is no answer. */
export function partsOf(answer: unknown): Message[] {
  if (answer === undefined || answer === null) return [];
  if (Array.isArray(answer)) return answer.flatMap(partsOf);
  if (typeof answer === 'string') return splitText(answer).map(text);
  if (isMessage(answer)) return answer.type === 'text' ? splitText(answer.content).map(text) : [answer];
  throw new TypeError(
    `a handler returned ${describe(answer)}; return a string, a message such as text('…'), an array of them, or nothing`,
  );
}

const isMessage = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

const describe = (value: unknown) => (typeof value === 'object' ? 'an object that is no message' : `a ${typeof value}`);
