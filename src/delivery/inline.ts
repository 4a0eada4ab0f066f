/** Where the text and the page differ from CommonMark: in emphasis, and in WeChat's faces. */
import type { TokenizerAndRendererExtension, Tokens } from 'marked';
import { FACE_HERE } from './uncut.ts';

/** Emphasis longer than this is none: two stars that happen to be in one answer. */
const LONGEST = 2000;

/** Characters. Lexing one paragraph takes the square of its length, and nobody formats one as long as this. */
const LONGEST_PARAGRAPH = 30_000;

export const isTooDense = (markdown: string) =>
  markdown.split(/\n\s*\n/).some(({ length }) => length > LONGEST_PARAGRAPH);

const LETTER = /[\p{L}\p{N}]/u;
const ASCII_WORD = /[A-Za-z0-9_]/;
/** What may stand before an opening and behind a closing single star: `长*宽*高` is a product. */
const BEFORE = /[\s"'“‘（(《〈【「『[，。！？；：、—]/;
const AFTER = /[\s"'”’）)》〉】」』\]，。！？；：、,.!?;:—…]/;

/**
 * `**strong**`, `__strong__`, `*em*`, `_em_` and the three together. CommonMark leaves the stars of `**注意：**请看`, which models write
 * all the time, and eats those of `长*宽*高`, `2**3**4` and `(*^_^*)`; here it is the other way round. Emphasis is on one line.
 */
export const emphasis: TokenizerAndRendererExtension = {
  name: 'emphasis',
  level: 'inline',
  start: (src) => {
    const at = src.search(/[*_]/);
    return at < 0 ? undefined : at;
  },
  tokenizer(src, tokens) {
    const open = /^(?:\*{1,3}|_{1,3})(?![*_\s])/.exec(src)?.[0];
    if (open === undefined) return undefined;
    const before = lastOf(tokens);
    // Inside a run of stars there is no beginning.
    if (before === open[0]) return undefined;
    const close = closing(src, open);
    if (close < 0) return undefined;
    const text = src.slice(open.length, close);
    if (!fits(open, before, text, src.slice(close + open.length))) return undefined;
    const token = { type: 'emphasis', raw: src.slice(0, close + open.length), strength: open.length, text };
    return { ...token, tokens: this.lexer.inlineTokens(text) };
  },
  childTokens: ['tokens'],
  renderer(token) {
    const inner = this.parser.parseInline(token.tokens ?? []);
    const strong = token['strength'] >= 2 ? `<strong>${inner}</strong>` : inner;
    return token['strength'] % 2 === 1 ? `<em>${strong}</em>` : strong;
  },
};

/** WeChat's face codes, whose stars and brackets are no Markdown. */
export const faces: TokenizerAndRendererExtension = {
  name: 'face',
  level: 'inline',
  start: (src) => {
    const at = src.indexOf('/:');
    return at < 0 ? undefined : at;
  },
  tokenizer(src) {
    if (!src.startsWith('/:')) return undefined;
    FACE_HERE.lastIndex = 0;
    const raw = FACE_HERE.exec(src)?.[0];
    return raw === undefined ? undefined : { type: 'face', raw, text: raw };
  },
  renderer: (token) => (token as unknown as Tokens.Text).text.replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
};

const lastOf = (tokens: readonly { raw: string }[]) => Array.from(tokens.at(-1)?.raw.slice(-2) ?? '').at(-1) ?? '';

/** Where the run that closes begins: of the same length, behind no space, outside code, on this line. */
function closing(src: string, open: string): number {
  const sign = open[0] as string;
  const end = Math.min(src.length, LONGEST);
  for (let at = open.length; at < end; at++) {
    const character = src[at] as string;
    if (character === '\n') return -1;
    if (character === '\\') at++;
    else if (character === '`') {
      const rest = src.indexOf('`', at + 1);
      if (rest < 0 || rest >= end) continue;
      at = rest;
    } else if (character === sign) {
      let length = 1;
      while (src[at + length] === sign) length++;
      if (length === open.length && !/\s/.test(src[at - 1] as string)) return at;
      // `**a *b***`: the inner one closes first, the outer with what is left.
      if (length > open.length && open.length === 2 && length === 3) return at + 1;
      at += length - 1;
    }
  }
  return -1;
}

function fits(open: string, before: string, text: string, after: string): boolean {
  const [first, last, next] = [
    String.fromCodePoint(text.codePointAt(0) as number),
    Array.from(text.slice(-2)).at(-1) as string,
    after === '' ? '' : String.fromCodePoint(after.codePointAt(0) as number),
  ];
  // __init__
  if (!LETTER.test(text) || (open === '__' && /^\w+$/.test(text))) return false;
  if (open.length > 1 && open[0] === '*') return !within(before, first) && !within(last, next);
  const apart = (before === '' || BEFORE.test(before)) && (next === '' || AFTER.test(next));
  // Of signs alone: (*^_^*), *.txt
  return apart && /[\p{L}\p{N}"“‘（(《【「『`[]/u.test(first) && /[\p{L}\p{N}"”’）)》】」』`\].!?。！？%]/u.test(last);
}

/** The sign stands inside a word or a formula: 2**3**4. */
const within = (a: string, b: string) => ASCII_WORD.test(a) && ASCII_WORD.test(b);
