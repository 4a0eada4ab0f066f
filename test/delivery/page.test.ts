import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { wechatText } from '../../src/delivery/markdown.ts';
import { rendered, type UnrenderedSection } from '../../src/delivery/markdown-html.ts';
import { composePage, PAGE_CSP, type Page } from '../../src/delivery/page.ts';
import { findChromium, launch } from '../helpers/browser.ts';

const renderPage = async (page: Omit<Page, 'sections'> & { sections: UnrenderedSection[] }) =>
  composePage({ ...page, sections: await rendered(page.sections) });
const page = (markdown: string) => renderPage({ sections: [{ markdown }] });
const bodyOf = (html: string) => html.split('<main>\n')[1]?.split('\n</main>')[0] as string;
const body = async (markdown: string) => bodyOf(await page(markdown)).trim();

/** Every tag and attribute of a document, as a browser's tokenizer would see them. */
function tagsOf(html: string): { name: string; attributes: string }[] {
  const outside = html.replace(/<style>[\s\S]*?<\/style>/, '');
  return Array.from(outside.matchAll(/<\/?([a-zA-Z!][^\s/>]*)([^>]*)>/g), ([, name = '', attributes = '']) => ({
    name,
    attributes,
  }));
}

const TAGS = new Set(
  '!doctype html head meta title body main footer h1 h2 h3 h4 h5 h6 p br hr ul ol li blockquote pre code strong em b i u s del sub sup mark kbd small details summary a img table thead tbody tr th td div'.split(
    ' ',
  ),
);

const ATTRIBUTES = new Set(
  'lang charset name content class href title rel src alt loading referrerpolicy start'.split(' '),
);

function expectHarmless(html: string): void {
  for (const { name, attributes } of tagsOf(html)) {
    expect(TAGS).toContain(name.toLowerCase());
    if (name === '!doctype') continue;
    // Nothing but attributes in double quotes, so that what is in quotes cannot get out of them.
    expect(attributes).toMatch(/^(?:\s+[a-z]+="[^"<>]*")*\s*\/?$/);
    for (const [, attribute = '', value = ''] of attributes.matchAll(/([a-z]+)="([^"]*)"/g)) {
      expect(ATTRIBUTES).toContain(attribute);
      if (attribute === 'href') expect(value).toMatch(/^(?:https?|mailto|tel):/);
      if (attribute === 'src') expect(value).toMatch(/^https:/);
    }
  }
}

describe('a page', () => {
  test('is one document for a phone', async () => {
    const html = await page('# 你好\n\n正文');
    expect(html).toMatch(/^<!doctype html>\n<html lang="zh-CN">/);
    expect(html).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">');
    expect(html).toContain('<meta charset="utf-8">');
    expect(html).toContain('prefers-color-scheme:dark');
    expect(html).toContain('<title>你好</title>');
  });

  test('has a title: the given one, the first line, or a word', async () => {
    expect(await renderPage({ title: '</title><b>', lang: 'en"', sections: [{ text: 'x' }] })).toContain(
      '<title>&lt;/title&gt;&lt;b&gt;</title>',
    );
    expect(await page('a & b < c')).toContain('<title>a &amp; b &lt; c</title>');
    expect(await page('长'.repeat(100))).toContain(`<title>${'长'.repeat(39)}…</title>`);
    expect(await page('![](https://a.com/x.png)')).toContain('<title>回答</title>');
  });

  test('says that a model made it, where one did', async () => {
    const sections = [{ markdown: 'x' }];
    expect(await renderPage({ sections, ai: true })).toContain('<footer>内容由AI生成</footer>');
    expect(await renderPage({ sections })).not.toContain('内容由AI生成');
  });

  test('loads and runs nothing: its policy refuses all but pictures over https and its own style', async () => {
    const style = /<style>([\s\S]*?)<\/style>/.exec(await page('x'))?.[1] as string;
    const hash = createHash('sha256').update(style).digest('base64');
    expect(PAGE_CSP).toBe(
      `default-src 'none'; img-src https:; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    expect(await page('x')).not.toMatch(/<script|<link|@import|url\(|src=/);
  });
});

describe('Markdown on a page', () => {
  test.each<[string, string, string]>([
    ['strong that CommonMark leaves', '**注意：**请看', '<p><strong>注意：</strong>请看</p>'],
    ['a formula', '2 * 3 * 4，长*宽*高', '<p>2 * 3 * 4，长*宽*高</p>'],
    ['lines', 'a\nb', '<p>a<br />b</p>'],
    [
      'a web link',
      '[a](https://a.com/?x=1&y=2)',
      '<p><a href="https://a.com/?x=1&amp;y=2" rel="noopener noreferrer nofollow">a</a></p>',
    ],
    ['lines that only look struck out: a range', '3~5天，8~10天', '<p>3~5天，8~10天</p>'],
    ['what is struck out, a stop in it', '~~删除。~~后', '<p><del>删除。</del>后</p>'],
    ['strong with a stop in it', '**加粗。**后', '<p><strong>加粗。</strong>后</p>'],
    ['emphasis with a stop in it', '*强调。*后', '<p><em>强调。</em>后</p>'],
    [
      'a telephone number',
      '[电话](tel:10086)',
      '<p><a href="tel:10086" rel="noopener noreferrer nofollow">电话</a></p>',
    ],
    [
      'an answer to a menu, which only a chat can give',
      '[好](weixin://bizmsgmenu?msgmenucontent=a&msgmenuid=1)',
      '<p><a rel="noopener noreferrer nofollow">好</a></p>',
    ],
    ['paragraphs in HTML', '<p class="x">一</p><p>二</p>', '<p>一</p><p>二</p>'],
    ['divisions in HTML', '<section>一</section><div id=a>二</div>', '<div>一</div><div>二</div>'],
    ['a list in HTML', '<ol><li>一<li>二</ol>', '<ol><li>一</li><li>二</li></ol>'],
    ['a table in HTML', '<table><tr><td>1</td></tr></table>', '<table><tr><td>1</td></tr></table>'],
    [
      'an anchor without quotes',
      '<a href=https://a.com/x>看</a>',
      '<p><a href="https://a.com/x" rel="noopener noreferrer nofollow">看</a></p>',
    ],
    [
      'a picture in HTML',
      '<img src=https://a.com/c.png alt="猫">',
      '<img src="https://a.com/c.png" alt="猫" loading="lazy" referrerpolicy="no-referrer" />',
    ],
    [
      'a link into our server',
      '[a](/admin) [b](//evil.com)',
      '<p><a rel="noopener noreferrer nofollow">a</a> <a rel="noopener noreferrer nofollow">b</a></p>',
    ],
    [
      'a picture',
      '![猫](https://a.com/c.png)',
      '<p><img src="https://a.com/c.png" alt="猫" loading="lazy" referrerpolicy="no-referrer" /></p>',
    ],
    [
      'a picture over http',
      '![猫](http://a.com/c.png)',
      '<p><a href="http://a.com/c.png" rel="noopener noreferrer nofollow">猫</a></p>',
    ],
    ['a picture in itself', '![猫](data:image/svg+xml;base64,AA)', '<p>[猫]</p>'],
    ['tasks', '- [x] a\n- [ ] b', '<ul>\n<li>☑ a</li>\n<li>☐ b</li>\n</ul>'],
    ['code', '```html\n<b>&amp;</b>\n```', '<pre><code>&lt;b&gt;&amp;amp;&lt;/b&gt;\n</code></pre>'],
    ['plain tags', '<b>a</b><br>H<sub>2</sub>O', '<p><b>a</b><br />H<sub>2</sub>O</p>'],
    [
      'other tags, which are text',
      'List<String> <script>x</script>',
      '<p>List&lt;String&gt; &lt;script&gt;x&lt;/script&gt;</p>',
    ],
    ['faces', '/::< /::*你/::*', '<p>/::&lt; /::*你/::*</p>'],
  ])('%s', async (_, markdown, html) => {
    expect(await body(markdown)).toBe(html);
  });

  test.each([...'，。；：！？、）】》”’」』…—（【《“'])(
    'a bare address ends before %s, on the page as in the chat',
    async (sign) => {
      const link = '<a href="https://a.com/x" rel="noopener noreferrer nofollow">https://a.com/x</a>';
      expect(await body(`看 https://a.com/x${sign}后面`)).toBe(`<p>看 ${link}${sign}后面</p>`);
      expect(bodyOf(composePage({ sections: [{ text: `看 https://a.com/x${sign}后面` }] }))).toContain(
        `看 ${link}${sign}后面`,
      );
      expect(wechatText(`看 https://a.com/x${sign}后面`)).toBe(`看 https://a.com/x${sign}后面`);
    },
  );

  test.each([
    ['a letter', 'https://a.com/x', '后'],
    ['a stop', 'https://a.com/x', '. 后'],
    ['a bracket', 'https://a.com/x', ') 后'],
    ['a bracket that is its own', 'https://a.com/x_(y)', ' 后'],
    ['a quote', 'https://a.com/x', '" 后'],
    ['a backtick', 'https://a.com/x', '` 后'],
    ['a name without a scheme', 'www.a.com', '，后'],
  ])('a bare address ends before what is not part of it: %s', async (_, url, behind) => {
    const href = url.startsWith('www') ? `http://${url}` : url;
    const link = `<a href="${href}" rel="noopener noreferrer nofollow">${url}</a>`;
    expect(await body(`看 ${url}${behind}`)).toContain(link);
    expect(bodyOf(composePage({ sections: [{ text: `看 ${url}${behind}` }] }))).toContain(link);
  });

  test('a table is one', async () => {
    expect(await body('| a | b |\n|:-|-:|\n| 1 | **2** |')).toMatch(
      /^<table>\s*<thead>[\s\S]*<td><strong>2<\/strong><\/td>/,
    );
  });

  test('text is as in the chat', async () => {
    const html = await renderPage({
      sections: [{ text: 'a *b* <c>\n  https://a.com/?x=1&y=2。<a href="https://b.com">b</a>' }, { text: '2' }],
    });
    expect(bodyOf(html)).toBe(
      '<div class="text">a *b* &lt;c&gt;\n  <a href="https://a.com/?x=1&amp;y=2" rel="noopener noreferrer nofollow">https://a.com/?x=1&amp;y=2</a>。<a href="https://b.com" rel="noopener noreferrer nofollow">b</a></div>\n<hr>\n<div class="text">2</div>',
    );
  });

  test('nested a thousand deep is text', async () => {
    expect(await page(`${'> '.repeat(10_000)}x`)).toContain('x');
  });
});

const ATTACKS = [
  '<script>alert(1)</script>',
  '<ScRiPt src=//evil.com></sCrIpT>',
  '<img src=x onerror=alert(1)>',
  '<img src="https://a.com/x" onerror="alert(1)">',
  '<b onclick=alert(1)>x</b>',
  '<p style="background:url(javascript:alert(1))">x</p>',
  '<style>@import "//evil.com"</style>',
  '<svg/onload=alert(1)>',
  '<svg><script>alert(1)</script></svg>',
  '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  '<math><mi//xlink:href="data:x,<script>alert(4)</script>">',
  '<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<p id="</p><img src=x onerror=alert(1)>">',
  '<textarea><img title="</textarea><img src=x onerror=alert(1)>">',
  '<xmp><img title="</xmp><img src=x onerror=alert(1)>">',
  '<iframe srcdoc="<script>alert(1)</script>"></iframe>',
  '<object data="javascript:alert(1)"></object><embed src="javascript:alert(1)">',
  '<base href="https://evil.com/"><meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
  '<link rel=stylesheet href=//evil.com>',
  '<form action="https://evil.com"><input name=x><button formaction="javascript:alert(1)">x</button></form>',
  '<a href="javascript:alert(1)">x</a>',
  '<a href="https://a.com" onmouseover="alert(1)">x</a>',
  '<a href=" &#106;avascript:alert(1)">x</a>',
  '<a href="data:text/html,<script>alert(1)</script>">x</a>',
  '[x](javascript:alert(1))',
  '[x](JaVaScRiPt:alert(1))',
  '[x](java&#115;cript:alert(1))',
  '[x](<java\tscript:alert(1)>)',
  '[x](\u0001javascript:alert(1))',
  '[x](vbscript:x) [y](data:text/html;base64,AAAA) [z](file:///etc/passwd)',
  '[x](https://a.com "onmouseover=alert(1)")',
  '[x](https://a.com" onmouseover="alert(1))',
  '![x](https://a.com/x.png"onerror="alert(1))',
  '![x" onerror="alert(1)](https://a.com/x.png)',
  '![x](data:image/svg+xml,<svg/onload=alert(1)>)',
  '<javascript:alert(1)>',
  '`<img src=x onerror=alert(1)>`',
  '```"><script>alert(1)</script>\nx\n```',
  '</main></body><script>alert(1)</script>',
  '<!--><script>alert(1)</script>-->',
  '<!-- --!><img src=x onerror=alert(1)> -->',
  '<![CDATA[<script>alert(1)</script>]]>',
  '<<script>script>alert(1)<</script>/script>',
  '<img """><script>alert(1)</script>">',
  '&lt;script&gt;alert(1)&lt;/script&gt;',
  '| <script>alert(1)</script> |\n|---|\n| <img src=x onerror=alert(1)> |',
  '# <script>alert(1)</script>',
  '**<svg onload=alert(1)>**',
  '<details open ontoggle=alert(1)>x</details>',
  '<a href="https://a.com"><style><a title="</style><img src=x onerror=alert(1)>">',
];

describe('harm does not get onto a page', () => {
  test.each(ATTACKS)('%s', async (attack) => {
    for (const html of [
      await page(attack),
      await page(`a ${attack} b`),
      await page(`- x\n\n  ${attack}`),
      await page(`> ${attack}`),
    ])
      expectHarmless(html);
    expectHarmless(await renderPage({ sections: [{ text: attack }], title: attack, lang: attack }));
  });

  test('nor do attacks side by side, each first once', async () => {
    for (const first of ATTACKS.keys())
      expectHarmless(await page([...ATTACKS.slice(first), ...ATTACKS.slice(0, first)].join(first % 2 ? '' : '\n')));
  });
});

const chromium = findChromium();

describe.skipIf(chromium === undefined)('in a browser', () => {
  test.each([
    ['with its policy', { 'content-security-policy': PAGE_CSP }],
    ['even without its policy', {}],
  ])('no attack runs or loads anything, %s', async (_, policy) => {
    const asked: string[] = [];
    const html = await renderPage({
      sections: [{ markdown: ATTACKS.join('\n\n') }, ...ATTACKS.map((text) => ({ text }))],
    });
    const server = createServer((request, response) => {
      asked.push(request.url as string);
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', ...policy }).end(html);
    }).listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
    const browser = await launch(chromium as string);
    try {
      const tab = await browser.newPage({ colorScheme: 'dark' });
      const seen: string[] = [];
      tab.on('dialog', (dialog) => {
        seen.push(dialog.message());
        return dialog.dismiss();
      });
      tab.on('request', (request) => seen.push(request.url()));
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/p`;
      await tab.goto(address, { waitUntil: 'load' });
      // Everything that could be touched, touched.
      await tab.evaluate(`
        for (const element of document.querySelectorAll('main *'))
          for (const type of ['click', 'mouseover', 'toggle', 'error', 'load', 'focus'])
            if (type !== 'click' || element.localName !== 'a') element.dispatchEvent(new Event(type));
      `);
      expect(
        seen.filter((one) => one !== address && !one.startsWith('https://a.com/') && !one.endsWith('/favicon.ico')),
      ).toEqual([]);
      expect(asked.filter((path) => path !== '/favicon.ico')).toEqual(['/p']);
      expect(await tab.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(25, 25, 25)');
      const forbidden = "document.querySelectorAll('script,iframe,svg,math,form,object,embed,base,link').length";
      expect(await tab.evaluate(forbidden)).toBe(0);
    } finally {
      await browser.close();
      server.close();
    }
  });
});
