/** What a reader cannot use in halves: links, and WeChat's codes for its own faces. Splitting and Markdown leave them whole. */

/**
 * Codes such as `/::)` and `/:rose`, which a chat shows as faces. No page of WeChat lists them; these are the ones that its
 * keyboard writes.
 */
const FACE = String.raw`\/:(?::,@|:-[|S]|:'[(|]|:[)~B|<$XZ(@PDOQTdg!>L*8+]|,@(?:-D|[Pofx@!])|8[-*]\)?|--b|\|-\)|\?|!!!|@[)>@x]|B-\)|>-\||P-\(|X-\)|&-\(|<[@&O]|xx|bye|wipe|dig|handclap|pig|beer|basketb|oo|coffee|eat|rose|fade|showlove|heart|break|cake|li|bome|kn|footb|ladybug|shit|moon|sun|gift|hug|strong|weak|share|v|jj|bad|lvu|no|ok|love|jump|shake|circle|kotow|turn|skip|oY)`;
/** Newer faces, such as `[微笑]`, `[Smirk]`, `[Yeah!]`. */
const NAMED_FACE = String.raw`\[[\p{L}\p{N}!]{1,12}\]`;
/** An anchor with its label. WeChat knows no others, and no anchor in an anchor. */
const ANCHOR = String.raw`<a\s[^<>]*>[^<]*<\/a>`;
/** Behind a bare URL in a Chinese sentence comes no space, but a character that URLs do not have. */
const URL_CHARACTERS = String.raw`[\w\-.~:/?#@!$&'()*+,;=%[\]]+`;
const BARE_URL = String.raw`(?:https?:\/\/|\bwww\.)${URL_CHARACTERS}`;

/** A face code at the place where the search begins. */
export const FACE_HERE = new RegExp(`${FACE}|${NAMED_FACE}`, 'uy');

const URL_HERE = new RegExp(`^(?:https?:\\/\\/|ftp:\\/\\/|www\\.)${URL_CHARACTERS}`, 'i');

/** The bare address with which a text begins, or '': without what closes the sentence or the brackets around it. */
export function bareUrlOf(text: string): string {
  let url = URL_HERE.exec(text)?.[0] ?? '';
  for (;;) {
    const last = url.at(-1) ?? '';
    const closes = last === ')' && url.split(')').length > url.split('(').length;
    if (!closes && !/[?!.,:;*_'~[\]]/.test(last)) return url;
    url = url.slice(0, -1);
  }
}

const UNCUT = new RegExp(`${ANCHOR}|${BARE_URL}|${FACE}|${NAMED_FACE}`, 'giu');

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Where a text must not be cut, in order, without overlap. */
export function uncutSpans(text: string): Span[] {
  return Array.from(text.matchAll(UNCUT), ({ index, 0: { length } }) => ({ start: index, end: index + length }));
}
