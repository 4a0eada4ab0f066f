/** What a model thought before it answered, as many write it into their answer: `<think>…</think>`. */

const NAME = 'think(?:ing)?';
const TAG = new RegExp(`<(/?)${NAME}\\s*>`, 'gi');
const TAG_HERE = new RegExp(`^<(/?)${NAME}\\s*>`, 'i');
/** What may become a tag with the next characters. */
const BEGINS = /^<\/?(?:t(?:h(?:i(?:n(?:k(?:i(?:n(?:g)?)?)?)?)?)?)?)?\s{0,8}$/i;
/** A thought of which the beginning was part of the prompt: only its end is in the answer, on a line. */
const END_ALONE = new RegExp(`^[ \\t]*</${NAME}\\s*>`, 'im');

/** An answer without its thoughts; one that does not end is left out to the end. */
export function withoutThoughts(text: string): string {
  if (!/<\/?think/i.test(text)) return text;
  const end = END_ALONE.exec(text)?.index ?? -1;
  const before = text.slice(0, Math.max(0, end));
  const isAlone = end >= 0 && before.search(TAG) < 0 && before.split('```').length % 2 === 1;
  const filter = createThoughtFilter();
  return filter.push(isAlone ? text.slice(end) : text) + filter.end();
}

export interface ThoughtFilter {
  /** What of a piece of the stream is the answer. What may be the beginning of a tag comes with the next one. */
  push(delta: string): string;
  /** What is still held. */
  end(): string;
}

/**
 * Leaves thoughts out of a stream that may be cut anywhere. A thought begins at the beginning of a line, and not in fenced code:
 * an answer may be about the tag.
 */
export function createThoughtFilter(): ThoughtFilter {
  let [held, depth, isNewLine, fence] = ['', 0, true, ''];
  /** Space behind a thought belongs to it. */
  let isBehind = false;

  /** Reads inside a thought; returns where the rest begins. */
  const think = (text: string): number => {
    TAG.lastIndex = 0;
    for (let found = TAG.exec(text); found !== null; found = TAG.exec(text)) {
      depth += found[1] ? -1 : 1;
      if (depth > 0) continue;
      [isBehind, isNewLine] = [true, true];
      return TAG.lastIndex;
    }
    const open = text.lastIndexOf('<');
    return open >= 0 && BEGINS.test(text.slice(open)) ? open : text.length;
  };

  /** Reads one line, or what there is of it. */
  const line = (text: string): { end: number; said: string } | undefined => {
    if (isNewLine) {
      const start = text.search(isBehind ? /\S/ : /[^ \t]/);
      if (start < 0) return isBehind ? { end: text.length, said: '' } : undefined;
      const rest = text.slice(start, start + 40);
      if (fence === '' && BEGINS.test(rest) && start + rest.length === text.length) return undefined;
      const tag = fence === '' ? TAG_HERE.exec(rest) : null;
      if (tag) {
        depth = tag[1] ? 0 : 1;
        isBehind = true;
        return { end: start + tag[0].length, said: '' };
      }
      if (/^(?:`{1,2}|~{1,2})$/.test(rest)) return undefined;
      const sign = /^(?:`{3}|~{3})/.exec(rest)?.[0] ?? '';
      if (sign !== '' && (fence === '' || fence === sign)) fence = fence === '' ? sign : '';
      if (isBehind) {
        [isBehind, isNewLine] = [false, false];
        return { end: start, said: '' };
      }
    }
    const end = text.indexOf('\n');
    isNewLine = end >= 0;
    return end < 0 ? { end: text.length, said: text } : { end: end + 1, said: text.slice(0, end + 1) };
  };

  return {
    push(delta) {
      const text = held + delta;
      const said: string[] = [];
      let at = 0;
      held = '';
      while (at < text.length) {
        const rest = text.slice(at);
        if (depth > 0) {
          const end = think(rest);
          at += end;
          if (depth === 0) continue;
          held = rest.slice(end);
          break;
        }
        const read = line(rest);
        if (read === undefined) {
          held = rest;
          break;
        }
        said.push(read.said);
        at += read.end;
      }
      return said.join('');
    },
    end() {
      const rest = depth > 0 ? '' : held;
      held = '';
      return rest;
    },
  };
}
