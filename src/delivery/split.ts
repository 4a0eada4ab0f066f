import { MAX_TEXT_BYTES } from '../wechat/checks.ts';

const bytes = (text: string) => Buffer.byteLength(text);

/** Cuts a text into parts that WeChat takes: at paragraphs, else lines, sentences, words, else between characters. */
export function splitText(text: string, limit = MAX_TEXT_BYTES): string[] {
  const parts: string[] = [];
  let rest = text.toWellFormed().trim();
  while (bytes(rest) > limit) {
    const cut = lastBreak(rest, fitting(rest, limit));
    parts.push(rest.slice(0, cut).trim());
    rest = rest.slice(cut).trim();
  }
  return [...parts, rest].filter((part) => part !== '');
}

/** Where the characters end that fit, as a reader sees them: an emoji of seven code points is one. */
function fitting(text: string, limit: number): number[] {
  // One more than can fit, so that the last that fits is not the beginning of a longer one.
  const graphemes = endsOf(new Intl.Segmenter().segment(text.slice(0, limit + 1)), limit);
  // Letters can be piled up without end; such a pile is cut between its code points.
  return graphemes.length > 0
    ? graphemes
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

const BREAKS = [/\n\s*\n/g, /\n/g, /[。！？…；]|[.!?;](?=\s)/g, /[\s，、,]/g];

/** The last of the places after a break of the best kind in the second half of what fits, or simply the last. */
function lastBreak(text: string, places: readonly number[]): number {
  const end = places.at(-1) as number;
  const allowed = new Set(places.filter((place) => place > end / 2));
  for (const kind of BREAKS) {
    const cuts = Array.from(text.slice(0, end).matchAll(kind), ({ 0: found, index }) => index + found.length);
    const last = cuts.findLast((cut) => allowed.has(cut));
    if (last !== undefined) return last;
  }
  return end;
}
