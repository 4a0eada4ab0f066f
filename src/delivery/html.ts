/** HTML in Markdown, as text for a chat: its tags become marks, and `layout` makes the marks lines. */
import { attributesOf } from './attributes.ts';
import { NAMED } from './entities.ts';

/** Characters that no answer has, for nothing can be sent with them. */
const [PARAGRAPH, LINE, ITEM, BULLETS, NUMBERS, END, CELL] = ['\x01', '\x02', '\x03', '\x04', '\x05', '\x06', '\x07'];
const MARKS = new RegExp(`[${PARAGRAPH}-${CELL}]`, 'g');
const EACH_MARK = new RegExp(`([${PARAGRAPH}-${CELL}])`);
export const withoutMarks = (text: string) => text.replace(MARKS, '');

const RULE = '————————';
const words = (names: string) => names.split(' ');
/** What stands for an opening and for a closing tag. All tags that are not here are text, for an answer may be about HTML. */
const TAGS = new Map<string, readonly [string, string]>([
  ...words(
    'b strong i em u s small big sub sup mark kbd span font code del ins strike q cite abbr var samp tt time wbr tbody thead tfoot',
  ).map((name) => [name, ['', '']] as const),
  ...words('p h3 h4 h5 h6 table pre details figure dl fieldset form').map(
    (name) => [name, [PARAGRAPH, PARAGRAPH]] as const,
  ),
  ...words('h1 h2').map((name) => [name, [`${PARAGRAPH}【`, `】${PARAGRAPH}`]] as const),
  ...words(
    'div section article header footer main nav aside address summary figcaption caption legend center hgroup dt dd tr',
  ).map((name) => [name, [LINE, LINE]] as const),
  ['blockquote', [`${PARAGRAPH}▎`, PARAGRAPH]],
  ['ul', [BULLETS, END]],
  ['menu', [BULLETS, END]],
  ['ol', [NUMBERS, END]],
  ['li', [ITEM, LINE]],
  ['td', ['', CELL]],
  ['th', ['', CELL]],
  ['br', ['\n', '\n']],
  ['hr', [`${PARAGRAPH}${RULE}${PARAGRAPH}`, '']],
] as [string, [string, string]][]);

const TAG = /<(\/?)([a-z][a-z0-9]*)\b([^<>]*)>/gi;

/** Comments go. One that does not end is text, and nothing is looked for behind the last that does. */
export function withoutComments(raw: string): string {
  const last = raw.lastIndexOf('-->') + 3;
  return last < 3 ? raw : raw.slice(0, last).replace(/<!--[\s\S]*?-->/g, '') + raw.slice(last);
}

/** @param anchors what the open `<a>` close with */
export function html(raw: string, anchors: string[]): string | undefined {
  const plain = withoutComments(raw);
  const parts: string[] = [];
  let from = 0;
  for (const { index, 0: tag, 1: closes, 2: name = '', 3: attributes = '' } of plain.matchAll(TAG)) {
    const made = tagText(tag, closes !== '', name.toLowerCase(), attributes, anchors);
    if (made === undefined) continue;
    const before = plain.slice(from, index);
    parts.push(entities(before) ?? before, made);
    from = index + tag.length;
  }
  const rest = plain.slice(from);
  parts.push(entities(rest) ?? rest);
  const text = parts.join('');
  return text === raw ? undefined : text;
}

/** The links that a chat opens. */
export const OPENS = /^(?:https?:\/\/|weixin:\/\/|tel:)/i;

function tagText(
  tag: string,
  closes: boolean,
  name: string,
  attributes: string,
  anchors: string[],
): string | undefined {
  if (name === 'a') {
    if (closes) return anchors.pop() ?? tag;
    const [kept, end] = anchorOf(tag, attributes);
    anchors.push(end);
    return kept;
  }
  if (name === 'img') return imageOf(attributesOf(attributes))?.link;
  return TAGS.get(name)?.[closes ? 1 : 0];
}

/** An anchor as it stays, and what it closes with: the address in brackets where a chat would not open it. */
function anchorOf(tag: string, attributes: string): readonly [string, string] {
  if (/\bdata-miniprogram-/i.test(attributes)) return [tag, '</a>'];
  const href = attributesOf(attributes).get('href');
  const address = href === undefined ? '' : (entities(href) ?? href).trim();
  if (OPENS.test(address))
    // A chat reads attributes in quotes alone.
    return [/\bhref\s*=\s*["']/i.test(attributes) && address === href ? tag : `<a href="${quoted(address)}">`, '</a>'];
  return [
    '',
    /^[a-z][a-z0-9+.-]*:/i.test(address) && !/^(?:javascript|data|vbscript):/i.test(address) ? ` (${address})` : '',
  ];
}

function imageOf(attributes: ReadonlyMap<string, string>): { link: string; url: string } | undefined {
  const [url, alt] = ['src', 'alt'].map((name) => attributes.get(name) ?? '').map((value) => entities(value) ?? value);
  if (!url || !/^https?:\/\//i.test(url)) return undefined;
  return { url, link: `<a href="${quoted(url)}">${(alt || '图片').replace(/[<>]/g, '')}</a>` };
}

/** The pictures of HTML and the links that they become; none of what would make no sense without them. */
export function imagesIn(raw: string): { link: string; url: string }[] {
  const tags = Array.from(withoutComments(raw).matchAll(TAG), ([, closes, name = '', attributes = '']) => ({
    name: name.toLowerCase(),
    image: closes ? undefined : imageOf(attributesOf(attributes)),
  }));
  if (tags.some(({ name }) => /^(?:a|t[dh]|h[1-6]|blockquote)$/.test(name))) return [];
  return tags.flatMap(({ name, image }) => (name === 'img' && image ? [image] : []));
}

/** An address as an attribute, which a chat reads as it stands. */
export const quoted = (address: string) => address.replace(/["<>\s]/g, encodeURIComponent);

/** The text with lines where its marks are. */
export function layout(text: string): string {
  if (text.search(MARKS) < 0) return text;
  const parts: string[] = [];
  const lists: { ordered: boolean; items: number }[] = [];
  let [lines, prefix] = [0, ''];
  for (const piece of text.split(EACH_MARK)) {
    if (piece === PARAGRAPH) lines = 2;
    else if (piece === LINE) lines ||= 1;
    else if (piece === CELL) prefix = ' | ';
    else if (piece === BULLETS || piece === NUMBERS) {
      lines = Math.max(lines, lists.length === 0 ? 2 : 1);
      if (lists.length < DEEPEST) lists.push({ ordered: piece === NUMBERS, items: 0 });
    } else if (piece === END) {
      lists.pop();
      lines = Math.max(lines, lists.length === 0 ? 2 : 1);
    } else if (piece === ITEM) {
      lines ||= 1;
      prefix = itemPrefix(lists);
    } else {
      const held = lines > 0 || prefix === ' | ' ? piece.trimStart() : piece;
      if (held === '') continue;
      if (lines > 0 || prefix === ' | ') trimLast(parts);
      if (parts.length > 0) parts.push('\n'.repeat(lines));
      parts.push(lines > 0 && prefix === ' | ' ? '' : prefix, held);
      [lines, prefix] = [0, ''];
    }
  }
  if (lines > 0) trimLast(parts);
  return parts.join('');
}

const DEEPEST = 16;

function itemPrefix(lists: readonly { ordered: boolean; items: number }[]): string {
  const list = lists.at(-1);
  const indent = '  '.repeat(Math.max(0, lists.length - 1));
  if (!list?.ordered) return `${indent}• `;
  list.items++;
  return `${indent}${list.items}. `;
}

function trimLast(parts: string[]): void {
  while (parts.length > 0) {
    const trimmed = (parts.pop() as string).trimEnd();
    if (trimmed === '') continue;
    parts.push(trimmed);
    return;
  }
}

/** A `<a` that was written as an entity is to be read, not tapped. */
export function entities(text: string): string | undefined {
  if (!text.includes('&')) return undefined;
  const plain = text.replace(
    /&(?:([a-z][a-z\d]{1,7})|#(\d{1,7})|#x([\da-f]{1,6}));/gi,
    (entity, name, decimal, hex) => {
      if (name) return NAMED.get(name as string) ?? NAMED.get((name as string).toLowerCase()) ?? entity;
      const code = decimal ? Number(decimal) : Number.parseInt(hex as string, 16);
      return code >= 32 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) && !(code >= 127 && code < 160)
        ? String.fromCodePoint(code)
        : entity;
    },
  );
  if (plain === text) return undefined;
  return plain.replace(/<(?=\/?a\b)/gi, '＜');
}
