/** What both forms of a message must fulfil. A TypeError here is a letter to whoever wrote the handler. */
import { cleanForXml } from './cdata.ts';
import type { Article, Message, Music } from './message.ts';

/** Bytes of UTF-8. Measured, not documented: a longer reply shows the fault notice, a longer send is refused with 45002. */
export const MAX_TEXT_BYTES = 2048;

/** @returns the text, if WeChat takes it. An empty one is not the same as no reply: it shows the fault notice. */
export function checkedText(text: string): string {
  if (text === '') throw new TypeError('The text is empty: to say nothing, return undefined instead of a message.');
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_TEXT_BYTES) {
    throw new TypeError(`The text has ${bytes} bytes, and WeChat takes ${MAX_TEXT_BYTES}: split it, or shorten it.`);
  }
  return text;
}

/** @returns the value of a field that the message cannot do without. */
export function needed(message: Message, field: string, value: string | undefined): string {
  if (value) return value;
  const how = /mediaId$/i.test(field) ? ': upload the file first, and use the id that WeChat returns' : '';
  throw new TypeError(`A message of type ${message.type} needs a ${field}${how}.`);
}

/** Music has nothing that it cannot do without, but something has to be there. */
export function neededSound(message: Music): void {
  needed(message, 'musicUrl', optional(message.musicUrl) ?? optional(message.hqMusicUrl) ?? message.thumbMediaId);
}

/**
 * @returns the value of a field that the message can do without, or `undefined` where there is nothing in it: WeChat takes an
 * empty address for an address, and opens a blank page.
 */
export function optional(value: string | undefined): string | undefined {
  return value && cleanForXml(value).trim() !== '' ? value : undefined;
}

/** An article has nothing that it cannot do without, but something has to be there. */
export function neededArticle({ title, description, picUrl, url }: Article): void {
  if ([title, description, picUrl, url].some((value) => optional(value) !== undefined)) return;
  throw new TypeError('An article of a news message needs a title: news({ title, url }).');
}
