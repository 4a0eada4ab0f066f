/** Markdown as a part of a page: HTML that holds nothing but text, its looks, links and pictures over https. */
import { setImmediate } from 'node:timers/promises';
import { Marked, type Token, type TokensList } from 'marked';
import sanitizeHtml from 'sanitize-html';
import { attributesOf } from './attributes.ts';
import { withoutComments } from './html.ts';
import { emphasis, faces, struck, tokenizer, tooDeep } from './inline.ts';
import { lex } from './lexer.ts';
import { escapeHtml, type PageSection } from './page.ts';

/** Characters of Markdown that are made HTML before other work of the process has its turn. */
const AT_ONCE = 8000;

/** Its time grows with the length of the text, whatever the text. */
export async function markdownHtml(markdown: string): Promise<string> {
  const tokens = lex(marked, markdown);
  const open: string[] = [];
  marked.walkTokens(tokens, (token) => {
    if (token.type === 'html') token['text'] = markup(token['text'], open);
  });
  const parts: string[] = [];
  for (const some of inTurns(tokens)) {
    parts.push(sanitized(marked.parser(some)));
    await setImmediate();
  }
  return parts.join('');
}

/** What the previous release kept. */
export type UnrenderedSection = PageSection | { readonly markdown: string };

export const rendered = (sections: readonly UnrenderedSection[]): Promise<PageSection[]> =>
  Promise.all(
    sections.map(async (section) => ('markdown' in section ? { html: await markdownHtml(section.markdown) } : section)),
  );

function* inTurns(tokens: TokensList): Generator<Token[]> {
  let some: Token[] = [];
  let length = 0;
  for (const token of tokens) {
    some.push(token);
    length += token.raw.length;
    if (length < AT_ONCE) continue;
    yield some;
    [some, length] = [[], 0];
  }
  if (some.length > 0) yield some;
}

const marked = new Marked({
  gfm: true,
  // A model's newline is one to its reader, as in the chat.
  breaks: true,
  extensions: [emphasis, struck, faces, tooDeep],
  tokenizer,
  renderer: {
    checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
    // A picture that the page may not load is a link to it, or what it is called.
    image: ({ href, text }) => {
      const name = escapeHtml(text || '图片');
      if (/^https:/i.test(href)) return `<img src="${escapeHtml(href)}" alt="${escapeHtml(text)}">`;
      return /^http:/i.test(href) ? `<a href="${escapeHtml(href)}">${name}</a>` : `[${name}]`;
    },
  },
});

/** Tags that work on a page as they are, and those that stand for others; all without attributes. */
const WORKS = new Map<string, string>([
  ...'b i em strong u s del sub sup mark kbd small p details summary br hr h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code table thead tbody tr th td'
    .split(' ')
    .map((name) => [name, name] as const),
  ...'div section article header footer main nav aside address center figure figcaption caption legend hgroup dl dt dd fieldset form'
    .split(' ')
    .map((name) => [name, 'div'] as const),
  ...'span font big q cite abbr var samp tt time ins wbr tfoot'.split(' ').map((name) => [name, ''] as const),
  ['strike', 's'],
  ['menu', 'ul'],
]);
const ALONE = new Set(['br', 'hr']);
/** Tags that end where the next of their kind begins. */
const ENDED = new Set(['li', 'p', 'tr', 'td', 'th']);
/** Open tags, beyond which others are left out. */
const DEEPEST = 20;

const TAG = /(<\/?[a-z][a-z0-9]*\b[^<>]*>)/gi;

/** HTML inside Markdown: the plain tags work, everything else is shown as it was written, for an answer may be about HTML. */
const markup = (html: string, open: string[]) =>
  withoutComments(html)
    .split(TAG)
    .map((piece, index) => (index % 2 === 1 ? tagHtml(piece, open) : escapeText(piece)))
    .join('');

/** Entities are HTML already. */
const escapeText = (text: string) => text.replace(/[<>"']/g, escapeHtml).replace(/&(?!#?\w{1,31};)/g, '&amp;');

function tagHtml(tag: string, open: string[]): string {
  const [, closes, given = '', attributes = ''] = /^<(\/?)([a-z][a-z0-9]*)\b([^<>]*)>$/i.exec(tag) ?? [];
  const name = given.toLowerCase();
  if (name === 'img') return pictureHtml(tag, attributes);
  const works = name === 'a' ? 'a' : WORKS.get(name);
  if (works === undefined) return escapeHtml(tag);
  if (works === '' || (closes && ALONE.has(works))) return '';
  if (ALONE.has(works)) return `<${works}>`;
  return closes ? closed(works, open) : opened(works, attributes, open);
}

/** What opens is closed in the same answer: a stack of a thousand tags would be looked through for each. */
function opened(name: string, attributes: string, open: string[]): string {
  if (ENDED.has(name) && open.at(-1) === name) open.pop();
  if (open.length >= DEEPEST) return '';
  open.push(name);
  if (name !== 'a') return `<${name}>`;
  const href = attributesOf(attributes).get('href') ?? '';
  return /^(?:https?:\/\/|mailto:|tel:)/i.test(href) ? `<a href="${escapeText(href)}">` : '<a>';
}

function closed(name: string, open: string[]): string {
  const at = open.lastIndexOf(name);
  if (at < 0) return '';
  open.length = at;
  return `</${name}>`;
}

function pictureHtml(tag: string, attributes: string): string {
  const given = attributesOf(attributes);
  const src = given.get('src') ?? '';
  return /^https:\/\//i.test(src)
    ? `<img src="${escapeText(src)}" alt="${escapeText(given.get('alt') ?? '')}">`
    : escapeHtml(tag);
}

/** The second lock: whatever comes through the first, only this is on the page. */
const sanitized = (html: string) =>
  sanitizeHtml(html, {
    allowedTags:
      'h1 h2 h3 h4 h5 h6 p br hr ul ol li blockquote pre code strong em b i u s del sub sup mark kbd small details summary a img table thead tbody tr th td div'.split(
        ' ',
      ),
    allowedAttributes: {
      a: ['href', 'title', 'rel'],
      img: ['src', 'alt', 'title', 'loading', 'referrerpolicy'],
      ol: ['start'],
      div: ['class'],
    },
    allowedClasses: { div: ['text'] },
    allowedSchemes: ['http', 'https', 'mailto', 'tel'],
    allowProtocolRelative: false,
    nestingLimit: 100,
    transformTags: {
      a: (tagName, { href, title }) => ({
        tagName,
        attribs: {
          // A relative address would lead into our own server.
          ...(href !== undefined && /^(?:https?|mailto|tel):/i.test(href) ? { href } : {}),
          ...(title === undefined ? {} : { title }),
          rel: 'noopener noreferrer nofollow',
        },
      }),
      img: (tagName, { src, alt, title }) => ({
        tagName,
        attribs: {
          ...(src !== undefined && /^https:/i.test(src) ? { src } : {}),
          ...(alt === undefined ? {} : { alt }),
          ...(title === undefined ? {} : { title }),
          loading: 'lazy',
          referrerpolicy: 'no-referrer',
        },
      }),
    },
  });
