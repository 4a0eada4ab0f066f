/** A customer-service text above this many bytes of UTF-8 is refused with 45002 (measured; not documented). */
export const MAX_TEXT_BYTES = 2048;

const bytes = (text: string) => Buffer.byteLength(text);

/** Cuts a text into parts that WeChat takes: at paragraphs, else sentences, else words, else between characters. */
export function splitText(text: string, limit = MAX_TEXT_BYTES): string[] {
  const whole = text.toWellFormed().trim();
  const parts: string[] = [];
  let rest = whole;
  while (bytes(rest) > limit) {
    const head = fitting(rest, limit);
    const cut = lastBreak(head);
    parts.push(rest.slice(0, cut).trim());
    rest = rest.slice(cut).trim();
  }
  return [...parts, rest].filter((part) => part !== '');
}

/** The longest beginning of whole characters that fits. */
function fitting(text: string, limit: number): string {
  let end = 0;
  let size = 0;
  for (const { segment } of new Intl.Segmenter().segment(text.slice(0, limit))) {
    const more = bytes(segment);
    if (size + more > limit) break;
    size += more;
    end += segment.length;
  }
  return text.slice(0, end || limit / 4);
}

/** Where to cut: after the last break of the best kind in the second half, or at the very end. */
function lastBreak(head: string): number {
  for (const kind of [/\n\s*\n/g, /\n/g, /[。！？…；]|[.!?;](?=\s)/g, /[\s，、,]/g]) {
    const last = [...head.matchAll(kind)].at(-1);
    if (last && last.index + last[0].length > head.length / 2) return last.index + last[0].length;
  }
  return head.length;
}
