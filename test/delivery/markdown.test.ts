import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wechatText } from '../../src/delivery/markdown.ts';

const lines = (...all: string[]) => all.join('\n');

describe('a language model’s Markdown becomes text for a chat', () => {
  test.each<[string, string, string]>([
    ['a heading', '# 标题\n正文', '【标题】\n正文'],
    ['a heading with emphasis', '## 二、**重点**', '【二、重点】'],
    ['a third heading', '### 1. 安装 ###', '1. 安装'],
    ['strong', '这是**重点**内容', '这是重点内容'],
    ['strong that CommonMark leaves', '**注意：**请看**“引号”**后面', '注意：请看“引号”后面'],
    ['emphasis', 'an *important* and _real_ word', 'an important and real word'],
    ['both', '***both*** **a *b***', 'both a b'],
    ['strong with an escape', '**a \\** b**', 'a ** b'],
    ['strong around a link and code', '**[a](https://b.com)** **`c*d`**', '<a href="https://b.com">a</a> c*d'],
    ['bullets', '* a\n* b', '• a\n• b'],
    ['nested bullets', '- a\n  - b\n    - c\n- d', '• a\n  • b\n    • c\n• d'],
    ['numbers', '1. **一**\n2. 二\n   3) 三', '1. 一\n2. 二\n   3) 三'],
    ['loose numbers', '1. **一**\n\n2. 二\n\n三', '1. 一\n\n2. 二\n\n三'],
    ['tasks', '- [ ] 买菜\n- [x] **做饭**', '☐ 买菜\n☑ 做饭'],
    ['loose tasks', '- [ ] 买菜\n\n- [x] 做饭', '☐ 买菜\n\n☑ 做饭'],
    ['inline code', '用 `npm i *x*` 安装', '用 npm i *x* 安装'],
    ['a code block', '看：\n\n```js\nconst a = **b**;\n\n  # c\n```\n\n完', '看：\n\nconst a = **b**;\n\n  # c\n\n完'],
    ['a code block without an end', '```\na * b *', 'a * b *'],
    ['a link', '[文档](https://a.com/?x=1&y=2)', '<a href="https://a.com/?x=1&y=2">文档</a>'],
    ['a link to itself', '[https://a.com](https://a.com)', 'https://a.com'],
    ['a link in brackets', '见 <https://a.com/b_c_d>。', '见 https://a.com/b_c_d。'],
    ['a link by reference', '[a][1]\n\n[1]: https://a.com', '<a href="https://a.com">a</a>\n\n'],
    [
      'a reference before it is used',
      '[D]: https://a.com\n\n见 [d][] 和 [D]',
      '见 <a href="https://a.com">d</a> 和 <a href="https://a.com">D</a>',
    ],
    ['a reference that nobody uses', '[注]: 见下\n\n**文**', '[注]: 见下\n\n文'],
    [
      'a reference between paragraphs',
      '[a][d]\n\n[d]: https://a.com\n[e]: https://b.com\n\n二',
      '<a href="https://a.com">a</a>\n\n[e]: https://b.com\n\n二',
    ],
    [
      'an answer to a menu',
      '[满意](weixin://bizmsgmenu?msgmenucontent=满意&msgmenuid=1)',
      '<a href="weixin://bizmsgmenu?msgmenucontent=满意&msgmenuid=1">满意</a>',
    ],
    ['a telephone number', '[电话](tel:+8610086)', '<a href="tel:+8610086">电话</a>'],
    ['an anchor without quotes', '<a href=https://a.example>看</a>', '<a href="https://a.example">看</a>'],
    ['an anchor in single quotes', "<a href='https://a.com'>看</a>", "<a href='https://a.com'>看</a>"],
    [
      'an anchor with an entity',
      '<a href="https://a.com/?x=1&amp;y=2">看</a>',
      '<a href="https://a.com/?x=1&y=2">看</a>',
    ],
    ['an anchor that a chat cannot open', '<a href="mailto:a@b.com">信</a>', '信 (mailto:a@b.com)'],
    ['a telephone number in HTML', '<a href=tel:10086>电话</a>', '<a href="tel:10086">电话</a>'],
    ['a picture in HTML', '<img alt="猫" src=https://a.com/c.png>', '<a href="https://a.com/c.png">猫</a>'],
    ['entities with names', '1 &mdash; 2&hellip; &copy; &rarr; &times; &unknown;', '1 — 2… © → × &unknown;'],
    ['emphasis with a stop in it', '*强调。*后', '强调。后'],
    ['strong with a stop in it', '**加粗。**后', '加粗。后'],
    ['a link elsewhere', '[信](mailto:a@b.c) [页](/p)', '信 (mailto:a@b.c) 页 (/p)'],
    ['a script', '[x](javascript:alert(1))', 'x (javascript:alert(1))'],
    ['quotes in an address', '[x](https://a.com/"b")', '<a href="https://a.com/%22b%22">x</a>'],
    ['a picture', '![猫](https://a.com/c.png)', '<a href="https://a.com/c.png">猫</a>'],
    ['a picture without a name', '![](https://a.com/c.png)', '<a href="https://a.com/c.png">图片</a>'],
    ['a picture in itself', '![猫](data:image/png;base64,AAAA)', '[猫]'],
    ['a quote', '> 一\n> **二**\n\n三', '▎一\n▎二\n\n三'],
    ['a rule', '一\n\n---\n\n二', '一\n\n————————\n\n二'],
    ['escapes', '3 \\* 4，snake\\_case\n1\\. 一', '3 * 4，snake_case\n1. 一'],
    ['escapes in a row', '\\*\\*不是\\*\\*', '**不是**'],
    ['entities', '1 &lt; 2 &amp;&amp; 3 &#62; 2&nbsp;&quot;x&quot;', '1 < 2 && 3 > 2 "x"'],
    ['an anchor in entities', '&lt;a href="https://evil.com"&gt;x&lt;/a&gt;', '＜a href="https://evil.com">x＜/a>'],
    ['HTML that says how text looks', '<b>粗</b>一<br>二<!-- 三 --><sup>2</sup>', '粗一\n二2'],
    ['an anchor', '<a href="https://a.com">a</a>', '<a href="https://a.com">a</a>'],
    [
      'an anchor that is a script',
      '**x** <a href="javascript:x">a</a> <a href="https://b.com">b</a>',
      'x a <a href="https://b.com">b</a>',
    ],
  ])('%s', (_, markdown, text) => {
    expect(wechatText(markdown)).toBe(text);
  });

  test.each<[string, string]>([
    ...['p', 'pre', 'table', 'figure', 'dl', 'details', 'h3', 'h4', 'h5', 'h6', 'fieldset', 'form'].map(
      (name): [string, string] => [name, '一\n\n二'],
    ),
    ...[
      'div',
      'section',
      'article',
      'header',
      'footer',
      'main',
      'nav',
      'aside',
      'address',
      'figcaption',
      'center',
      'summary',
      'dt',
      'dd',
      'tr',
      'caption',
    ].map((name): [string, string] => [name, '一\n二']),
    ['h1', '【一】\n\n【二】'],
    ['blockquote', '▎一\n\n▎二'],
    ['li', '• 一\n• 二'],
  ])('HTML of blocks: <%s> is no other’s line', (name, text) => {
    for (const attributes of ['', ' class="x"', ' id=x'])
      for (const space of ['', '\n', '\n\n', '  '])
        expect(wechatText(`<${name}${attributes}>一</${name}>${space}<${name}${attributes}>二</${name}>`)).toBe(text);
  });

  test.each<[string, string, string]>([
    ['paragraphs in a text', '前<p>一</p>后', '前\n\n一\n\n后'],
    ['an ordered list', '<ol><li>一</li><li>二</li></ol>后', '1. 一\n2. 二\n\n后'],
    ['a list in a list', '<ul>\n<li>一\n<ul>\n<li>二</li>\n</ul>\n</li>\n<li>三</li>\n</ul>', '• 一\n  • 二\n• 三'],
    [
      'a table',
      '<table>\n<tr><th>名</th><th>价</th></tr>\n<tr><td>梨</td><td>3</td></tr>\n</table>',
      '名 | 价\n梨 | 3',
    ],
    ['details', '<details><summary>详情</summary>\n\n**内容**\n\n</details>\n\n后', '详情\n内容\n\n后'],
    ['a rule', '一<hr>二', '一\n\n————————\n\n二'],
    ['what is no HTML of text', '<script>x</script> <T> List<String>', '<script>x</script> <T> List<String>'],
    ['a comment without an end', '<b>一</b> <!-- 二', '一 <!-- 二'],
  ])('HTML of blocks: %s', (_, markdown, text) => {
    expect(wechatText(markdown)).toBe(text);
  });

  test('a table has a line for each cell, as a phone can show it', () => {
    const table = lines(
      '价格：',
      '',
      '| 名称 | 价格 |',
      '|---|:-:|',
      '| **苹果** | 5元 |',
      '| [梨](https://a.com) | 3元 |',
      '',
      '完',
    );
    expect(wechatText(table)).toBe(
      lines('价格：', '', '名称：苹果', '价格：5元', '', '名称：<a href="https://a.com">梨</a>', '价格：3元', '', '完'),
    );
    expect(wechatText('| a | b |\n|-|-|\n| 1 | 2 |')).toBe('a: 1\nb: 2');
  });

  test('what is in a list stays as far in as it was', () => {
    expect(wechatText('1. **安装**\n\n   ```sh\n   npm i\n   ```\n2. 运行')).toBe('1. 安装\n\n   npm i\n2. 运行');
  });
});

const PLAIN = [
  '2 * 3 * 4 = 24',
  '面积=长*宽*高',
  'x**2 + y**2，2**3**4',
  'snake_case, __init__, a_b_c, _private',
  '(*^_^*) (*^_^*) *_* ^_^ ¯\\_(ツ)_/¯',
  '  /\\_/\\\n ( o.o )\n  > ^ <',
  'C:\\*.* C:\\Users\\_tmp\\*',
  '*.txt *.md *args, **kwargs',
  '/usr/*/lib/*/x ~/a_b/c_d',
  '[微笑][呲牙] /::*你好/::* /:8* /::~ /::<',
  'f[0](x) = g[1](y)',
  '标题\n-----\n正文\n=====',
  '    indented *code*\n    # x',
  '1. 第一\n\n2. 第二\n3. 三',
  '  12\n+ 30\n- 5\n----\n  37',
  '- 张三',
  '$a_1*b_2$ \\(x^2\\) \\[ y \\] \\frac{a}{b} \\\\',
  'a < b && c > d, List<String>, <T>',
  '> 18 岁\n>= 3',
  'AT&T & co; R&amp',
  'https://a.com/b_c_d*e*f www.a_b_c.com a_b_c@d.com',
  '<a href="https://a.com">x</a> <a href="weixin://bizmsgmenu?msgmenucontent=a&msgmenuid=1">好</a>',
  '<a data-miniprogram-appid="wx1" data-miniprogram-path="p" href="x">小程序</a>',
  '~~100元~~ 80元',
  '#话题# #1 号',
  'a\r\n\r\n b \r c\t\n\n\n\nd  \ne',
  '****\n***\n___ ****a***',
  '|a|b|\n|c|d|',
  '注：*仅供参考\n价格：* 10',
  '`',
  '```',
  '🇨🇳*👨‍👩‍👧‍👦',
];

describe('what is no Markdown stays as it is, to the byte', () => {
  test.each(PLAIN)('%j', (text) => {
    expect(wechatText(text)).toBe(text);
  });

  test('whatever stands before and behind it', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray(
          PLAIN.filter((text) => !/^\s|^>|`|\r/.test(text)),
          { minLength: 2, maxLength: 4 },
        ),
        (some) => {
          expect(wechatText(some.join('\n\n'))).toBe(some.join('\n\n'));
        },
      ),
      { numRuns: 200 },
    );
  });

  test('so are words, numbers and Chinese with any spacing', () => {
    const word = fc.constantFrom(
      '你好',
      '，',
      '。',
      'word',
      ' ',
      '\n',
      '\n\n',
      '3',
      '.',
      '😀',
      '\t',
      '：',
      '(',
      ')',
      '1+1',
      '=',
      '/',
      '%',
    );
    fc.assert(
      fc.property(
        fc.array(word, { maxLength: 60 }).map((all) => `x${all.join('')}`),
        (text) => {
          expect(wechatText(text)).toBe(text);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('what has been made text is not changed again', () => {
    const text = wechatText(
      '# 标题\n\n**注意：**a\n\n- b\n- c\n\n| x | y |\n|-|-|\n| 1 | 2 |\n\n> q\n\n[l](https://a.com)\n\n---\n- [ ] t',
    );
    expect(wechatText(text)).toBe(text);
  });
});

describe('of any text', () => {
  test('no letter is lost, and it never throws', () => {
    const signs = fc.constantFrom(
      '*',
      '**',
      '_',
      '`',
      '```\n',
      '# ',
      '- ',
      '1. ',
      '> ',
      '\n',
      '\n\n',
      '字',
      'a',
      ' ',
      '~',
      '\\',
      '+ ',
      '    ',
    );
    const letters = (text: string) => text.replace(/[^字a]/g, '');
    fc.assert(
      fc.property(
        fc.array(signs, { maxLength: 60 }).map((all) => all.join('')),
        // A word behind the ticks of a fence is a language.
        (text) => {
          fc.pre(!/```[^\n]*[字a]/.test(text));
          expect(letters(wechatText(text))).toBe(letters(text));
        },
      ),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => typeof wechatText(text) === 'string'),
    );
  });

  test('nested deeper than anybody writes, it stays as it is', () => {
    for (const text of ['> '.repeat(10_000), `${'- '.repeat(10_000)}a`, `${'['.repeat(50_000)}`])
      expect(typeof wechatText(text)).toBe('string');
    expect(wechatText(`${'['.repeat(50_000)}**a**`)).toBe(`${'['.repeat(50_000)}a`);
  });
});
