import { MAX_TEXT_BYTES } from '../wechat/checks.ts';
import { type Span, uncutSpans } from './uncut.ts';

const bytes = (text: string) => Buffer.byteLength(text);
const characters = new Intl.Segmenter();
const words = new Intl.Segmenter('zh', { granularity: 'word' });

export interface SplitOptions {
  /** Bytes of UTF-8 in a part. Default 2048, what WeChat takes. */
  readonly limit?: number;
  /**
   * How much of a part must be filled before a good place to cut is preferred to a later, worse one: 0 to 1. Default 0.5,
   * which reads best; near 1 makes the fewest parts.
   */
  readonly fill?: number;
}

/**
 * Cuts a text into parts that WeChat takes: at the last paragraph that fits, else line, sentence, clause or space, word,
 * character. Links, WeChat's face codes and what a reader sees as one character stay whole, unless they alone exceed a part.
 * Space around a cut is dropped, nothing else.
 */
export function splitText(text: string, options: SplitOptions = {}): string[] {
  const parts: string[] = [];
  for (let rest = text; rest !== ''; ) {
    const taken = takePart(rest, options);
    if (taken.part !== '') parts.push(taken.part);
    rest = taken.rest;
  }
  return parts;
}

/** The first part of a text, and the text behind it. The work depends on the limit, not on the length of the text. */
export function takePart(
  text: string,
  { limit = MAX_TEXT_BYTES, fill = 0.5 }: SplitOptions = {},
): {
  part: string;
  rest: string;
} {
  const start = text.trimStart();
  // A link that begins in this part and is short enough to be kept ends in here.
  const near = start.slice(0, 2 * limit + 1).toWellFormed();
  if (start.length <= limit && bytes(near.trimEnd()) <= limit) return { part: near.trimEnd(), rest: '' };
  const cut = bestOf(outside(placesIn(near, limit), spansWithin(near, limit)), near, fill);
  return { part: near.slice(0, cut).trimEnd(), rest: start.slice(cut).trimStart() };
}

/**
 * The parts of a text, each with a last line such as (1/3) where there is more than one: the reader is at the end of a part
 * when she wonders whether there is more. The numbers are counted in the limit.
 */
export function splitNumbered(text: string, options: SplitOptions = {}): string[] {
  const { limit = MAX_TEXT_BYTES } = options;
  const { part, rest } = takePart(text, options);
  if (rest === '') return part === '' ? [] : [part];
  for (let digits = String(Math.ceil(bytes(text) / limit)).length; ; digits++) {
    const parts = splitText(text, { ...options, limit: limit - NUMBERS_BYTES - 2 * digits });
    const of = parts.length;
    if (String(of).length <= digits) return parts.map((one, index) => `${one}\n(${index + 1}/${of})`);
  }
}

/** The newline, the brackets and the stroke. */
const NUMBERS_BYTES = 4;

const spansWithin = (text: string, limit: number) =>
  uncutSpans(text).filter(({ start, end }) => bytes(text.slice(start, end)) <= limit);

/** Where characters end, as a reader sees them, as far as they fit: an emoji of seven code points is one. */
function placesIn(text: string, limit: number): number[] {
  // One more than can fit, so that the last that fits is not the beginning of a longer one.
  const seen = endsOf(characters.segment(text.slice(0, limit + 1)), limit);
  // Accents can be piled up without end; such a pile is cut between its code points.
  return seen.length > 0
    ? seen
    : endsOf(
        Array.from(text.slice(0, limit), (segment) => ({ segment })),
        limit,
      );
}

function endsOf(segments: Iterable<{ segment: string }>, limit: number): number[] {
  const ends: number[] = [];
  let [end, size] = [0, 0];
  for (const { segment } of segments) {
    size += bytes(segment);
    if (size > limit) break;
    end += segment.length;
    ends.push(end);
  }
  return ends;
}

/** Where to cut, best first: before a paragraph, a line, after a sentence with its quotes, before or after a word. */
const BREAKS = [
  /\r?\n\s*\n/g,
  /\r?\n/g,
  /(?<=[。！？；…][”’」』）》]*)(?![”’」』）》…])|(?<=[.!?;]["')\]]*)(?=\s)/g,
  /\s|(?<=[，、,])/g,
];
/** A break that begins where the last character ends has to be seen too. */
const BEYOND = 4;
/** Where there are no spaces, words are looked for only this near to the end of what fits. */
const WORDS_WITHIN = 64;

/** The last place at a break of the best kind, in the part of what fits that `fill` allows; without a break, the last of all. */
function bestOf(places: readonly number[], text: string, fill: number): number {
  const end = places.at(-1) as number;
  const allowed = new Set(places.filter((place) => place > end * fill));
  const near = text.slice(0, end + BEYOND);
  for (const kind of BREAKS) {
    const last = Array.from(near.matchAll(kind), ({ index }) => index).findLast((index) => allowed.has(index));
    if (last !== undefined) return last;
  }
  return lastWordEnd(text, end, allowed) ?? end;
}

/** The places that are inside no span; all, if there are no others: a mark may stand on the end of a link that just fits. */
function outside(places: readonly number[], spans: readonly Span[]): readonly number[] {
  let index = 0;
  const uncut = places.filter((place) => {
    while (index < spans.length && (spans[index] as Span).end <= place) index++;
    return !(index < spans.length && (spans[index] as Span).start < place);
  });
  return uncut.length > 0 ? uncut : places;
}

/** Chinese and Thai have words, but no spaces between them. */
function lastWordEnd(text: string, end: number, allowed: ReadonlySet<number>): number | undefined {
  const from = Math.max(0, end - WORDS_WITHIN);
  const starts = Array.from(words.segment(text.slice(from, end + WORDS_WITHIN)), ({ index }) => index);
  return starts.map((index) => from + index).findLast((place, n) => n > 0 && allowed.has(place));
}
