import { describe, expect, test } from 'vitest';
import { fitSend, sendsFor } from '../../src/delivery/fit.ts';
import { piecesOf } from '../../src/delivery/parts.ts';
import { withPictures } from '../../src/delivery/with-pictures.ts';

const A = 'https://a.example/a.png';
const B = 'https://a.example/b.png?x=1&y=2';
const link = (url: string, name = '图片') => `<a href="${url}">${name}</a>`;
/** The texts, and the addresses of the pictures between them. */
const shown = (...answer: string[]) =>
  withPictures(piecesOf(answer, { markdown: true })).map((piece) =>
    'media' in piece ? new URL(piece.media.url) : piece.message.type === 'text' ? piece.message.content : piece,
  );

describe('a picture of Markdown stands between the texts:', () => {
  test.each([
    ['on a line of its own', `前\n\n![图](${A})\n\n后`, ['前', new URL(A), '后']],
    ['alone', `![图](${A})`, [new URL(A)]],
    ['in a sentence', `请看 ![图](${A})，如上。`, ['请看', new URL(A), '，如上。']],
    ['two', `一\n![](${A})\n二\n![](${B})`, ['一', new URL(A), '二', new URL(B)]],
    ['the same twice', `![](${A})\n![](${A})`, [new URL(A), new URL(A)]],
    ['in emphasis', `一**![](${A})**`, ['一', new URL(A)]],
    ['as an item', `- 甲\n- ![](${A})\n- 乙`, ['• 甲', new URL(A), '• 乙']],
    ['by reference', `看\n\n![图][r]\n\n[r]: ${A}`, ['看', new URL(A)]],
    ['as HTML', `看<img src='${B.replace('&', '&amp;')}' alt="b">`, ['看', new URL(B)]],
    ['as HTML of a block', `<p>看</p>\n<p><img src="${A}"></p>\n\n后`, ['看', new URL(A), '后']],
  ])('%s', (_, markdown, expected) => {
    expect(shown(markdown)).toEqual(expected);
  });

  test('three of an answer, the others are links', () => {
    const url = (n: number) => `https://a.example/${n}.png`;
    expect(shown(...[1, 2, 3, 4, 5].map((n) => `![](${url(n)})`))).toEqual([
      ...[1, 2, 3].map((n) => new URL(url(n))),
      ...[4, 5].map((n) => link(url(n))),
    ]);
    expect(shown([1, 2, 3, 4].map((n) => `![](${url(n)})`).join('\n'))).toEqual([
      ...[1, 2, 3].map((n) => new URL(url(n))),
      link(url(4)),
    ]);
  });
});

describe('a picture of Markdown stays a link or a text:', () => {
  test.each([
    ['in a table', `|甲|\n|---|\n|![图](${A})|`],
    ['in a heading', `# 甲 ![图](${A})`],
    ['in a quotation', `> ![图](${A})`],
    ['in a link', `[![图](${A})](https://b.example)`],
    ['in a link of HTML', `<a href="https://b.example">![图](${A})</a>`],
    ['in code', `\`![图](${A})\``],
    ['at a relative address', '![图](/a.png)'],
    ['at a mailbox', '![图](mailto:a@a.example)'],
    ['in itself', '![图](data:image/png;base64,AAAA)'],
    ['at no address', '![图](https://)'],
  ])('%s', (_, markdown) => {
    const pieces = piecesOf(markdown, { markdown: true });
    expect(withPictures(pieces)).toEqual(pieces);
  });

  test('where its handler says so, or the text is no Markdown', () => {
    expect(piecesOf(`![图](${A})`, { markdown: true, pictures: false })[0]).not.toHaveProperty('pictures');
    expect(piecesOf(`![图](${A})`)[0]).not.toHaveProperty('pictures');
  });
});

test('pictures are counted for the window, and left out of what is fitted as texts', () => {
  const pieces = piecesOf(`前\n\n![图](${A})\n\n后`, { markdown: true });
  expect(sendsFor(pieces)).toBe(3);
  expect(fitSend(pieces, 1).now).toEqual([{ type: 'text', content: `前\n\n${link(A, '图')}\n\n后` }]);
});
