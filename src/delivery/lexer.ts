/** marked's lexer, bounded: its work grows with the length of a text, not with the square of it, whatever the text. */
import { Lexer, type Marked, type Token, type TokensList } from 'marked';

/** Levels of quotes and lists, and of emphasis and links. Nobody reads deeper ones. */
const DEEPEST = 16;
/**
 * The most that length times signs may be of what is lexed at once, for marked may look from each sign to the end. A paragraph
 * of 4000 characters with 40 signs stays whole.
 */
const MOST_WORK = 160_000;
/** What marked, and our rules for it, stop at. */
const SIGNS = /[\\<![\]`*_~@:\n&]|www\./g;
/** Characters without any sign that are lexed apart. */
const PLAIN = 2000;

/** The tokens of a text. */
export const lex = (marked: Marked, markdown: string): TokensList => new BoundedLexer(marked.defaults).lex(markdown);

class BoundedLexer extends Lexer {
  #blocks = 0;
  #inlines = 0;

  override blockTokens(src: string, tokens: Token[] = [], lastParagraphClipped = false): TokensList {
    if (this.#blocks >= DEEPEST) return asText(src, tokens) as TokensList;
    this.#blocks++;
    const lexed = super.blockTokens(src, tokens, lastParagraphClipped);
    this.#blocks--;
    return lexed as TokensList;
  }

  override inlineTokens(src: string, tokens: Token[] = []): Token[] {
    if (this.#inlines >= DEEPEST) return asText(src, tokens);
    this.#inlines++;
    for (const piece of piecesOf(src)) tokens.push(...super.inlineTokens(piece));
    this.#inlines--;
    return tokens;
  }
}

function asText(src: string, tokens: Token[]): Token[] {
  if (src !== '') tokens.push({ type: 'text', raw: src, text: src, escaped: false });
  return tokens;
}

/** What is lexed by itself of one block's text: almost always all of it. */
function* piecesOf(src: string): Generator<string> {
  let [from, signs, last] = [0, 0, 0];
  for (;;) {
    SIGNS.lastIndex = last;
    const found = SIGNS.exec(src);
    const at = found?.index ?? src.length;
    if (at > from && (signs + 1) * (at - from) > MOST_WORK) {
      // A long stretch without signs is nothing to look through.
      const cut = last > from && at - last > PLAIN ? last : cutIn(src, from, at);
      yield src.slice(from, cut);
      [from, signs, last] = [cut, 0, cut];
      if (at - cut > PLAIN) {
        yield src.slice(cut, at);
        [from, last] = [at, at];
      }
      continue;
    }
    if (!found) break;
    signs++;
    last = at + found[0].length;
  }
  if (from < src.length) yield src.slice(from);
}

/** The end of a line, else of a sentence or a word, in the second half of what fits; else all that fits. */
function cutIn(src: string, from: number, to: number): number {
  const middle = from + Math.ceil((to - from) / 2);
  const half = src.slice(middle, to);
  const line = half.lastIndexOf('\n');
  if (line >= 0) return middle + line + 1;
  const end = Math.max(...['。', '！', '？', '；', ' '].map((stop) => half.lastIndexOf(stop)));
  return end >= 0 ? middle + end + 1 : to;
}
