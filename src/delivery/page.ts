/** An answer as a page for a phone: one HTML file that loads nothing but pictures, and runs nothing. */
import { createHash } from 'node:crypto';
import { attributesOf } from './attributes.ts';
import { bareUrlOf } from './uncut.ts';

/** What a page is made of, in order: what `markdownHtml` made, or text as it is in the chat, in which `<a href>` works. */
export type PageSection = { readonly html: string } | { readonly text: string };

export interface Page {
  readonly sections: readonly PageSection[];
  /** Default: the first line of the answer, shortened. */
  readonly title?: string;
  /** Default `zh-CN`. */
  readonly lang?: string;
  /** Shows 内容由AI生成, as Chinese law asks of what a model has made. Default false. */
  readonly ai?: boolean;
}

const STYLE = `
:root{color-scheme:light dark;--line:#8884;--soft:#8881;--link:#576b95}
*{box-sizing:border-box}
body{margin:0 auto;max-width:42rem;padding:1.25rem 1rem 3rem;font:17px/1.75 -apple-system,BlinkMacSystemFont,"PingFang SC","Microsoft YaHei",sans-serif;color:#1a1a1a;background:#fff;overflow-wrap:anywhere}
h1,h2,h3,h4,h5,h6{line-height:1.35;margin:1.6em 0 .6em}h1{font-size:1.45em}h2{font-size:1.25em}h3,h4,h5,h6{font-size:1.08em}
main>:first-child{margin-top:0}
p,ul,ol,pre,table,blockquote{margin:0 0 1em}ul,ol{padding-left:1.5em}
a{color:var(--link)}img{max-width:100%;height:auto}
pre,code{font:.88em/1.6 ui-monospace,Menlo,Consolas,monospace;background:var(--soft);border-radius:4px}code{padding:.1em .3em}
pre{padding:.8em 1em;overflow-x:auto}pre code{padding:0;background:none;font-size:1em}
blockquote{padding-left:1em;border-left:3px solid var(--line);opacity:.85}
table{display:block;overflow-x:auto;border-collapse:collapse}th,td{border:1px solid var(--line);padding:.4em .7em;text-align:left}
hr{border:0;border-top:1px solid var(--line);margin:2em 0}
.text{white-space:pre-wrap}footer{margin-top:2.5em;font-size:.8em;text-align:center;opacity:.6}
@media (prefers-color-scheme:dark){:root{--link:#7d90a9}body{color:#d5d5d5;background:#191919}}
`;

/**
 * The Content-Security-Policy to answer a page with. Scripts, frames, forms, fonts and styles but its own are refused, whatever a
 * page holds; pictures may come over https.
 */
export const PAGE_CSP = `default-src 'none'; img-src https:; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** The page as HTML. Send it as `text/html; charset=utf-8` with `PAGE_CSP`, `X-Content-Type-Options: nosniff` and `Referrer-Policy: no-referrer`. */
export function composePage({ sections, title, lang = 'zh-CN', ai = false }: Page): string {
  const body = sections.map(sectionHtml).join('\n<hr>\n');
  const name = title ?? titleOf(body);
  return `<!doctype html>
<html lang="${escapeHtml(lang)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex, nofollow">
<meta name="format-detection" content="telephone=no">
<title>${escapeHtml(name)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
${body}
</main>${ai ? '\n<footer>内容由AI生成</footer>' : ''}
</body>
</html>
`;
}

const sectionHtml = (section: PageSection) =>
  'html' in section ? section.html : `<div class="text">${textHtml(section.text)}</div>`;

const ANCHOR_OR_URL = /(<a\s[^<>]*>[^<]*<\/a>|(?:https?:\/\/|\bwww\.)[^\s<]+)/i;

/** What a chat shows as a link is one here; everything else is text. */
const textHtml = (text: string) =>
  text
    .split(ANCHOR_OR_URL)
    .map((piece, index) => {
      if (index % 2 === 0) return escapeHtml(piece);
      const [, attributes, label] = /^<a\s([^<>]*)>([^<]*)<\/a>$/i.exec(piece) ?? [];
      if (attributes !== undefined && label !== undefined)
        return linkHtml(unescapeHtml(attributesOf(attributes).get('href') ?? ''), unescapeHtml(label));
      const url = bareUrlOf(piece);
      const href = url.startsWith('www.') ? `http://${url}` : url;
      return `${url === '' ? '' : linkHtml(href, url)}${escapeHtml(piece.slice(url.length))}`;
    })
    .join('');

/** Where a page may lead: a relative address would lead into our own server. */
const linkHtml = (href: string, label: string) =>
  /^(?:https?:\/\/|mailto:|tel:)/i.test(href)
    ? `<a href="${escapeHtml(href)}" rel="noopener noreferrer nofollow">${escapeHtml(label)}</a>`
    : escapeHtml(label);

const LONGEST_TITLE = 40;

/** The first line that says something. */
function titleOf(html: string): string {
  const text = html.slice(0, 5000).replace(/<[^<>]*>?/g, '');
  const line =
    unescapeHtml(text)
      .split('\n')
      .map((one) => one.trim())
      .find((one) => one !== '') ?? '回答';
  const characters = Array.from(new Intl.Segmenter().segment(line), ({ segment }) => segment);
  return characters.length > LONGEST_TITLE ? `${characters.slice(0, LONGEST_TITLE - 1).join('')}…` : line;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
export const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => ESCAPES[character] as string);
const unescapeHtml = (text: string) =>
  Object.entries(ESCAPES).reduceRight((plain, [character, entity]) => plain.replaceAll(entity, character), text);
