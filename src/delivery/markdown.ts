import { Marked, type Token, type Tokens } from 'marked';
import { entities, html, layout, OPENS, quoted, withoutMarks } from './html.ts';
import { emphasis, faces, tokenizer, tooDeep } from './inline.ts';
import { lex } from './lexer.ts';
import { type Picture, picturesOf } from './pictures.ts';
import { usedIn, withoutUsed } from './references.ts';

/**
 * Markdown, as language models write it, as text for a chat. Recognised:
 * - `# heading` becomes 【heading】 (a line of its own, from the third level on);
 * - `**strong**`, `*em*`, `__strong__`, `_em_` lose their signs; not so `2 * 3 * 4`, `长*宽*高`, `snake_case`, `(*^_^*)`;
 * - `* item`, `+ item`, and `- item` from the second on, become `• item`; numbers stay; `[ ]` and `[x]` become ☐ and ☑;
 * - fenced code stays as it is, without its fences; `` `code` `` without its ticks;
 * - a table becomes a line `column: value` for each cell, and an empty line between rows;
 * - `[text](https://…)` becomes `<a href="https://…">text</a>`, which a chat shows as a link, as it does `weixin://` and `tel:`;
 *   other addresses `text (address)`; an image is a link to it; the definition of a reference that is used goes;
 * - `> quote` becomes ▎quote; a line `---` a rule; `\*` a `*`; `&lt;` a `<`;
 * - `<br>` is a new line, and what HTML makes a block of is one: paragraphs, lists with their signs, a row of a table on a line;
 *   `<b>` and its like and comments go; `<a>` stays if a chat opens it; all other HTML is text to a chat.
 *
 * Everything else stays as it is, to the byte: struck-out text keeps its `~~`, for without them it would say the opposite, and
 * indented code, underlined headings, formulas, paths, faces and drawings are no Markdown here. A text without any of the above
 * comes out unchanged.
 */
export const wechatText = (markdown: string): string => chatText(markdown).content;

/** The text, and the pictures that it links to. */
export function chatText(markdown: string): { readonly content: string; readonly pictures: readonly Picture[] } {
  const given = withoutMarks(markdown);
  const tokens = lex(marked, given);
  const content = layout(blocks(withoutUsed(tokens, usedIn(marked, tokens))) ?? given);
  return { content, pictures: picturesOf(tokens, image) };
}

const marked = new Marked({
  extensions: [emphasis, faces, tooDeep],
  tokenizer: {
    ...tokenizer,
    // Not recognised: `undefined` is no token, and what is no token is text.
    lheading: () => undefined,
    br: () => undefined,
  },
});

/** A token as text, or undefined where it stays as it is. */
type Rendered = string | undefined;

/** Tokens as text, where any of them is something else than it was. */
function join(tokens: readonly Token[], render: (token: Token, index: number) => Rendered): Rendered {
  const rendered = tokens.map(render);
  if (rendered.every((text) => text === undefined)) return undefined;
  return rendered.map((text, index) => text ?? (tokens[index] as Token).raw).join('');
}

const blocks = (tokens: readonly Token[]): Rendered => join(tokens, block);
function inlines(tokens: readonly Token[]): Rendered {
  const anchors: string[] = [];
  return join(tokens, (token, index) => (token.type === 'escape' ? escaped(tokens, index) : inline(token, anchors)));
}

function block(token: Token): Rendered {
  const given = token as Tokens.Generic & Token;
  switch (given.type) {
    case 'heading':
      return kept(given.raw, heading(given as Tokens.Heading));
    case 'hr':
      return /^ {0,3}(?:---|\* \* \*)\s*$/.test(given.raw) ? kept(given.raw, RULE) : undefined;
    case 'code':
      return given['codeBlockStyle'] === 'indented' || given['text'] === ''
        ? undefined
        : kept(given.raw, given['text']);
    case 'blockquote':
      return blockquote(given as Tokens.Blockquote);
    case 'list':
      return list(given as Tokens.List);
    case 'table':
      return kept(given.raw, table(given as Tokens.Table));
    case 'html':
      return html(given.raw, []);
    case 'paragraph':
    case 'text':
      return paragraph(given as Tokens.Paragraph);
    default:
      return undefined;
  }
}

const RULE = '————————';

/** The lines that end a block belong to it, and stay. */
const kept = (raw: string, text: string) => text + raw.slice(withoutEnd(raw).length);

/** Not by a search for `\n+$`, which looks at each run of newlines as often as it is long. */
function withoutEnd(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === '\n') end--;
  return text.slice(0, end);
}

/** Its own text and the text of what is inside differ in the space around lines only. */
function paragraph({ raw, tokens }: Tokens.Paragraph): Rendered {
  if (tokens === undefined) return undefined;
  const text = inlines(tokens);
  if (text === undefined) return undefined;
  const indent = /^[ \t]*/.exec(raw)?.[0] ?? '';
  return kept(raw, text.startsWith(indent) ? text : indent + text);
}

function heading({ depth, tokens, text }: Tokens.Heading): string {
  const inner = (inlines(tokens) ?? text).trim();
  return depth > 2 || inner === '' || /[【】\n]|<a /.test(inner) ? inner : `【${inner}】`;
}

/** A number behind `>` is a comparison, and signs alone are a drawing. */
function blockquote({ raw, tokens }: Tokens.Blockquote): Rendered {
  if (/^\s*>\s*(?:=\s*)?[\d.]/.test(raw) || !/^.*\p{L}/u.test(raw)) return undefined;
  const inner = withoutEnd(blocks(tokens) ?? tokens.map((token) => token.raw).join(''));
  return kept(raw, inner.replace(/^/gm, '▎'));
}

function list(given: Tokens.List, inList = false): Rendered {
  const { items, ordered } = given;
  const bulleted = !ordered && (inList || isBulleted(given));
  const texts = items.map((item) => listItem(item, bulleted));
  if (texts.every((text) => text === undefined)) return undefined;
  return items.map((item, index) => texts[index] ?? item.raw).join('');
}

/** `+ 30` under a number is a sum, and a single line with a dash may be who signs it. */
function isBulleted({ raw, items }: Tokens.List): boolean {
  if (items.some(({ task }) => task)) return true;
  if (raw.trimStart().startsWith('*')) return true;
  return items.length > 1 && !items.every(({ text }) => /^[\d\s.,+\-*/=()%¥$元]*$/.test(text));
}

const MARKER = /^(\s*)([*+-]|\d{1,9}[.)])([ \t]*)/;

function listItem(item: Tokens.ListItem, bulleted: boolean): Rendered {
  const [marker = '', indent = '', sign = '', space = ''] = MARKER.exec(item.raw) ?? [];
  const tokens = item.tokens.filter(({ type }) => type !== 'checkbox');
  const inner = join(tokens, (token, index) =>
    token.type === 'list' && index > 0 ? list(token as Tokens.List, true) : block(token),
  );
  const boxed = item.task ? (item.checked ? '☑ ' : '☐ ') : undefined;
  if (inner === undefined && boxed === undefined) {
    if (!bulleted) return undefined;
    return `${indent}• ${item.raw.slice(marker.length)}`;
  }
  const head = /\d/.test(sign)
    ? indent + sign + space + (boxed ?? '')
    : indent + (boxed ?? (bulleted ? '• ' : sign + space));
  const body = inner ?? tokens.map(({ raw }) => raw).join('');
  // What belongs to the item is as far in as it was.
  const hang = ' '.repeat(Math.min(marker.length, 8));
  const text = withoutEnd(body).replace(/\n(?=[^\n])/g, `\n${hang}`);
  return kept(item.raw, head + text);
}

function table({ header, rows }: Tokens.Table): string {
  const cell = ({ text, tokens }: Tokens.TableCell) =>
    (inlines(tokens) ?? text)
      .split(/\n/)
      .map((one) => one.trim())
      .join(' ')
      .trim();
  const names = header.map(cell);
  const colon = names.some((name) => /\p{Script=Han}/u.test(name)) ? '：' : ': ';
  const lines = rows.map((row) =>
    row
      .map((value, index) => [names[index] ?? '', cell(value)] as const)
      .filter(([name, value]) => name !== '' || value !== '')
      .map(([name, value]) => (name === '' ? value : `${name}${colon}${value}`.trimEnd()))
      .join('\n'),
  );
  return lines.length === 0 ? names.join('\n') : lines.join('\n\n');
}

function inline(token: Token, anchors: string[]): Rendered {
  const given = token as Tokens.Generic & Token;
  switch (given.type) {
    case 'emphasis':
      return inlines(given.tokens ?? []) ?? given['text'];
    case 'codespan':
      return given['text'];
    case 'link':
      return link(given as Tokens.Link);
    case 'image':
      return image(given as Tokens.Image);
    case 'html':
      return html(given.raw, anchors);
    case 'text':
      return given.tokens === undefined ? entities(given.raw) : inlines(given.tokens);
    case 'checkbox':
      return '';
    default:
      return undefined;
  }
}

/** Characters before a backslash that tell whether it is one of a path. */
const NEAR = 40;

/** The backslash of a path stays, and so does that of ¯\_(ツ)_/¯ and of a formula. */
function escaped(tokens: readonly Token[], index: number): Rendered {
  const { text } = tokens[index] as Tokens.Escape;
  const before =
    /\S*$/.exec(
      tokens
        .slice(Math.max(0, index - 4), index)
        .map((token) => token.raw.slice(-NEAR))
        .join(''),
    )?.[0] ?? '';
  if (/\\[\p{L}\p{N}]|:$/u.test(before)) return undefined;
  const after = tokens[index + 1]?.raw ?? '';
  if (/[*`#~|>]/.test(text)) return text;
  if (text === '_') return /[\p{L}\p{N}]$/u.test(before) && /^[\p{L}\p{N}]/u.test(after) ? text : undefined;
  if (text === '.') return /^\d+$/.test(before) && /^\s/.test(after) ? text : undefined;
  return undefined;
}

/** `f[0](x)` is no link: an address has a scheme, or begins as addresses do. */
const ADDRESS = /^(?:[a-z][a-z0-9+.-]*:|\/|#|\.\.?\/|www\.)/i;

function link({ raw, href, text, tokens, autolink }: Tokens.Link): Rendered {
  // A bare address is a link to a chat; `<https://…>` is one without its brackets.
  if (autolink || raw.startsWith('<')) return raw.startsWith('<') ? raw.slice(1, -1) : entities(raw);
  if (!raw.startsWith('[')) return undefined;
  if (!ADDRESS.test(href)) return undefined;
  return linked(inlines(tokens) ?? text, href);
}

function image({ href, text }: Tokens.Image): Rendered {
  if (/^data:/i.test(href)) return `[${text || '图片'}]`;
  if (!ADDRESS.test(href)) return undefined;
  return linked(text || '图片', href);
}

function linked(label: string, href: string): string {
  const address = href.startsWith('www.') ? `http://${href}` : href;
  if (label === '' || label === href) return address;
  if (!OPENS.test(address) || /[<>]/.test(label)) return `${label} (${address})`;
  return `<a href="${quoted(address)}">${label}</a>`;
}
