import type { Texts } from '../handlers/texts.ts';
import { text } from '../wechat/message.ts';
import type { AnswerEntry } from './entries.ts';

/** What is said where more of an answer waits. */
export const moreOf = ({ more }: AnswerEntry, texts: Texts): string =>
  more ?? (typeof texts.more === 'string' ? texts.more : '');

/**
 * The parts of one answer as they come when their user has written again: the first text of it says that it is an earlier
 * answer, if nothing of it has said so yet; that more is waiting is said again then.
 */
export function asEarlier(parts: readonly AnswerEntry[], texts: Texts, isMarked = false): AnswerEntry[] {
  const marked = isMarked || texts.earlier === '' || parts.some(({ earlier }) => earlier);
  const at = marked ? -1 : parts.findIndex(({ message }) => message.type === 'text');
  return parts.map((part, index) => {
    const { message } = part;
    if (message.type !== 'text') return { ...part, earlier: true };
    const more = moreOf(part, texts);
    const said = more !== '' && message.content.endsWith(`\n\n${more}`);
    const content = said ? message.content.slice(0, -more.length - 2) : message.content;
    return { ...part, earlier: true, message: text(index === at ? `${texts.earlier}\n${content}` : content) };
  });
}
