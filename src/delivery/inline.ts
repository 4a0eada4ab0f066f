/** Where the text and the page differ from CommonMark: in emphasis, in bare addresses, and in WeChat's faces. */
import {
  Tokenizer,
  type TokenizerAndRendererExtension,
  type TokenizerObject,
  type TokenizerThis,
  type Tokens,
} from 'marked';
import { bareUrlOf, FACE_HERE } from './uncut.ts';

/** Emphasis longer than this is none: two stars that happen to be in one answer. */
const LONGEST = 2000;

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

/**
 * `~~struck out~~`, also in `~~删除。~~后`, which CommonMark leaves; and no single sign, which strikes `5天，8` out of `3~5天，8~10天`.
 */
export const struck: TokenizerAndRendererExtension = {
  name: 'struck',
  level: 'inline',
  start: (src) => {
    const at = src.indexOf('~~');
    return at < 0 ? undefined : at;
  },
  tokenizer(src, tokens) {
    if (lastOf(tokens) === '~') return undefined;
    const [raw, text = ''] = /^~~(?![~\s])([^\n]{0,1999}?[^\s~])~~(?!~)/.exec(src) ?? [];
    return raw === undefined ? undefined : { type: 'struck', raw, text, tokens: this.lexer.inlineTokens(text) };
  },
  childTokens: ['tokens'],
  renderer(token) {
    return `<del>${this.parser.parseInline(token.tokens ?? [])}</del>`;
  },
};

/** Definitions of references that are taken; marked looks through all of them in each paragraph. */
const MOST_DEFINITIONS = 100;
/** Signs of quotes and lists on one line that are taken, for marked lexes the line again for each. A rule has no other sign. */
const TOO_DEEP = /^(?! {0,3}([-*])[ \t]*(?:\1[ \t]*)+(?:\n|$))(?:[ \t]*(?:>|(?:[*+-]|\d{1,9}[.)])(?=[ \t]))){16}[^\n]*/;

/** A line that is nested deeper than anybody reads is text. */
export const tooDeep: TokenizerAndRendererExtension = {
  name: 'tooDeep',
  level: 'block',
  tokenizer(src) {
    const raw = TOO_DEEP.exec(src)?.[0];
    return raw === undefined ? undefined : { type: 'paragraph', raw, text: raw, tokens: this.lexer.inline(raw) };
  },
};

export const tokenizer: TokenizerObject = {
  // `undefined` is no token, and what is no token is text; `false` leaves it to marked.
  emStrong: () => undefined,
  del: () => undefined,
  def(this: TokenizerThis) {
    return Object.keys(this.lexer.tokens.links).length < MOST_DEFINITIONS ? false : undefined;
  },
  // marked's own goes on to the next space, which a Chinese sentence does not have.
  url(this: TokenizerThis, src: string) {
    const [bare] = /^(?:https?:\/\/|ftp:\/\/|www\.)/i.test(src) ? [bareUrlOf(src)] : [src];
    return Tokenizer.prototype.url.call(this as unknown as Tokenizer, bare);
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
  // `*强调。*后`: no word and no product goes on behind a full stop.
  const ends = next === '' || AFTER.test(next) || /[。！？…]/.test(last);
  const apart = (before === '' || BEFORE.test(before)) && ends;
  // Of signs alone: (*^_^*), *.txt
  return apart && /[\p{L}\p{N}"“‘（(《【「『`[]/u.test(first) && /[\p{L}\p{N}"”’）)》】」』`\].!?。！？%]/u.test(last);
}

/** The sign stands inside a word or a formula: 2**3**4. */
const within = (a: string, b: string) => ASCII_WORD.test(a) && ASCII_WORD.test(b);
