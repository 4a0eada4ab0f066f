import { MAX_TEXT_BYTES } from '../wechat/checks.ts';

const bytes = (text: string) => Buffer.byteLength(text);

/** Cuts a text into parts that WeChat takes: at paragraphs, else lines, sentences, words, else between characters. */
export function splitText(text: string, limit = MAX_TEXT_BYTES): string[] {
  const parts: string[] = [];
  let rest = text.toWellFormed().trim();
  while (bytes(rest) > limit) {
    const cut = bestOf(placesIn(rest, limit), rest);
    parts.push(rest.slice(0, cut).trim());
    rest = rest.slice(cut).trim();
  }
  return [...parts, rest].filter((part) => part !== '');
}

/** Where characters end, as a reader sees them, as far as they fit: an emoji of seven code points is one. */
function placesIn(text: string, limit: number): number[] {
  // One more than can fit, so that the last that fits is not the beginning of a longer one.
  const seen = endsOf(new Intl.Segmenter().segment(text.slice(0, limit + 1)), limit);
  // Accents can be piled up without end; such a pile is cut between its code points.
  return seen.length > 0
    ? seen
    : endsOf(
        Array.from(text.slice(0, limit), (segment) => ({ segment })),
        limit,
      );
}

function endsOf(characters: Iterable<{ segment: string }>, limit: number): number[] {
  const ends: number[] = [];
  let [end, size] = [0, 0];
  for (const { segment } of characters) {
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
  /(?<=[。！？…；][”’」』）》]*)(?![”’」』）》])|(?<=[.!?;]["')\]]*)(?=\s)/g,
  /\s|(?<=[，、,])/g,
];
/** A break that begins where the last character ends has to be seen too. */
const BEYOND = 4;

/** The last place at a break of the best kind, in the second half of what fits; without a break, the last of all. */
function bestOf(places: readonly number[], text: string): number {
  const end = places.at(-1) as number;
  const allowed = new Set(places.filter((place) => place > end / 2));
  const near = text.slice(0, end + BEYOND);
  for (const kind of BREAKS) {
    const last = Array.from(near.matchAll(kind), ({ index }) => index).findLast((index) => allowed.has(index));
    if (last !== undefined) return last;
  }
  return end;
}
