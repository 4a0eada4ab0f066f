/** What a follower said or pressed, and how it is compared with what the author of a handler wrote. */
import type { Push } from '../wechat/push.ts';
import { isUnsupported } from '../wechat/unsupported.ts';
import { sceneOf } from '../wechat/values.ts';

/** What speech recognition ends a sentence with. */
const ENDING = /[\s。．.！!？?，,、；;：:～~…]+$/;

const withoutEnding = (text: string) => text.replace(ENDING, '') || text;

/** The one form in which texts are compared: no space around it, full-width and other compatible characters as plain ones. */
const fold = (text: string) => text.normalize('NFKC').trim();
/** The same of speech: its last punctuation was not said. */
const foldSpeech = (text: string) => withoutEnding(fold(text));

/** What a message says, as it came: written, or heard in a voice. '' where it says nothing. */
export const wordsOf = (push: Push): string => stringIn(push, 'Content') ?? stringIn(push, 'Recognition') ?? '';

/**
 * The same as an answer to a question: every letter as it came, but no space around it and no last punctuation of speech. ''
 * for a sticker: WeChat's words in its place are nobody's.
 */
export function answerOf(push: Push): string {
  if (isUnsupported(push)) return '';
  const words = wordsOf(push).trim();
  return isSpeech(push) ? withoutEnding(words) : words;
}

const folded = new WeakMap<Push, string>();

/** What a message says, in the form in which texts are compared: made once, however many handlers ask. */
export function formOf(push: Push): string {
  const known = folded.get(push) ?? (isSpeech(push) ? foldSpeech : fold)(wordsOf(push));
  folded.set(push, known);
  return known;
}

/** Tells whether a push says just this text, or was made by the button, menu item or scene of just this name. */
export function saying(text: string): (push: Push) => boolean {
  const formed = inForm(text);
  return (push) => {
    const said = formOf(push);
    return (said !== '' && said === formed(push)) || keysOf(push).includes(text);
  };
}

/** Tells whether a message contains a text. A sticker contains none. */
export function containing(text: string): (push: Push) => boolean {
  const formed = inForm(text);
  return (push) => formed(push) !== '' && !isUnsupported(push) && formOf(push).includes(formed(push));
}

function inForm(text: string): (push: Push) => string {
  const [written, heard] = [fold(text), foldSpeech(text)];
  return (push) => (isSpeech(push) ? heard : written);
}

/** All that a push says, as it came, for a RegExp to look into: its words or its key, then the menu item behind a text. */
export function saidBy(push: Push): string[] {
  const words = wordsOf(push);
  return words === '' ? [keysOf(push)[0] ?? ''] : [words, ...keysOf(push)];
}

/** Names, which are compared letter by letter. */
function keysOf(push: Push): string[] {
  const key = stringIn(push, 'EventKey');
  const scene = key === undefined ? undefined : sceneOf(push as Parameters<typeof sceneOf>[0]);
  return [scene ?? key, stringIn(push, 'bizmsgmenuid')].filter((name) => name !== undefined && name !== '') as string[];
}

const isSpeech = (push: Push) => stringIn(push, 'Content') === undefined;

/** A push of an unknown type may have anything under any name. */
function stringIn(push: Push, field: string): string | undefined {
  const value = (push as unknown as Readonly<Record<string, unknown>>)[field];
  return typeof value === 'string' ? value : undefined;
}
