// Keeps what a user wrote out of logs, traces and jobs, where an error of a handler may have put it.
import { withoutQuotes } from './errors.ts';
import { printableLine } from './printable.ts';

/** Of a message nobody reads more. */
const LONGEST = 500;
/**
 * So many characters in a row that stand in a user's words too are taken for his: of Chinese and its like half as many, and
 * where there is white space among them twice as many, for " is the " is anybody's.
 */
const RUN = 4;

/** Every text of a push, but for what only says of which kind it is. */
export function wordsOf(push: object): string[] {
  return Object.entries(push).flatMap(([name, value]): string[] => {
    if (name === 'MsgType' || name === 'Event') return [];
    if (typeof value === 'string') return [value];
    return typeof value === 'object' && value !== null ? wordsOf(value) : [];
  });
}

/** The same error, whose message no longer holds what it quotes, nor any run of characters that stands in `words`. */
export function hush(error: Error, words: readonly string[]): Error {
  const { name, code } = error as Error & { code?: unknown };
  const hushed = new Error(hushText(error.message, words));
  // The beginning of a stack repeats the message.
  hushed.stack = [name, ...framesOf(error)].join('\n');
  return Object.assign(hushed, { name, ...(code === undefined ? {} : { code }) });
}

/** Where an error was thrown, without its message, a line of which may look like a frame. */
export function framesOf({ stack = '', message }: Error): string[] {
  const after = stack.indexOf(message) + message.length;
  return (stack.includes(message) ? stack.slice(after) : stack).split('\n').filter((line) => FRAME.test(line));
}

const FRAME = /^\s+at .*(:\d+:\d+\)?|\(<anonymous>\)|\(native\))$/;

function hushText(message: string, words: readonly string[]): string {
  const said = message.slice(0, LONGEST);
  const plain = lower(said);
  const texts = words.flatMap((word) => [word, encoded(word), JSON.stringify(word).slice(1, -1)].map(lower));
  const isTheirs = (piece: string) => texts.some((text) => text.includes(piece));
  const hidden = new Set<number>();
  for (let at = 0; at < plain.length; at++)
    for (const length of [RUN / 2, RUN, 2 * RUN]) {
      const piece = plain.slice(at, at + length);
      if (piece.length === length && COUNTS[length]?.test(piece) && isTheirs(piece))
        for (let n = 0; n < length; n++) hidden.add(at + n);
    }
  const shown = Array.from({ length: said.length }, (_, at) => (hidden.has(at) ? '\0' : said[at])).join('');
  return printableLine(withoutQuotes(shown.replace(/\0+/g, '…')));
}

/** What a piece of each length has to be made of. */
const COUNTS: Readonly<Record<number, RegExp>> = { 2: /^[\u0080-\uffff]+$/, 4: /^\S+$/, 8: /^/ };

/** Keeps every character's place. */
const lower = (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** As it stands in an address. */
const encoded = (text: string) => encodeURIComponent(text.replace(/\p{Surrogate}/gu, ''));
