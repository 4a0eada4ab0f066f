import type { Texts } from '../handlers/texts.ts';
import { type AnswerEntry, partOfId } from './entries.ts';

/** What is said where more of an answer waits. */
export const moreOf = ({ more }: AnswerEntry, texts: Texts): string =>
  more ?? (typeof texts.more === 'string' ? texts.more : '');

/** A part as it comes with the reply to a later push: its answer says so, and that more is waiting is said again then. */
export function asEarlier(id: string, entry: AnswerEntry, texts: Texts): AnswerEntry {
  const { message } = entry;
  if (message.type !== 'text') return entry;
  const more = moreOf(entry, texts);
  const said = more && message.content.endsWith(`\n\n${more}`);
  const text = said ? message.content.slice(0, -more.length - 2) : message.content;
  const isFirst = /^0(\.0)?$/.test(partOfId(id) ?? '');
  const content = isFirst && !text.startsWith(texts.earlier) ? `${texts.earlier}\n${text}` : text;
  return { ...entry, message: { ...message, content } };
}
