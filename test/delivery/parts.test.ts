import { describe, expect, test } from 'vitest';
import { partsOf, piecesOf } from '../../src/delivery/parts.ts';
import { image, type Message, menu, news, text, transfer, transferToAi, video } from '../../src/wechat/message.ts';

describe('the parts of an answer', () => {
  test('of nothing are none', () => {
    for (const nothing of [undefined, null, '', '  \n', [], [undefined, '']]) expect(partsOf(nothing)).toEqual([]);
  });

  test('of a text are texts, as many as it takes', () => {
    expect(partsOf(' hello ')).toEqual([text('hello')]);
    expect(partsOf(text('hello'))).toEqual([text('hello')]);
    const long = 'word '.repeat(1000);
    expect(partsOf(long)).toHaveLength(3);
    expect(partsOf(text(long))).toEqual(partsOf(long));
  });

  test('of a long text are numbered', () => {
    const last = (message: Message) => (message.type === 'text' ? message.content.split('\n').at(-1) : '');
    expect(partsOf(['short', 'word '.repeat(1000)]).map(last)).toEqual(['short', '(1/3)', '(2/3)', '(3/3)']);
  });

  test('of Markdown are text for a chat, if it is said to be Markdown', () => {
    expect(partsOf('**a**', { markdown: true })).toEqual([text('a')]);
    expect(partsOf('**a**')).toEqual([text('**a**')]);
    expect(partsOf('<!-- nothing -->', { markdown: true })).toEqual([]);
    expect(partsOf('&#7;**a**\u0007', { markdown: true })).toEqual([text('&#7;a')]);
  });

  test('of a message are that message', () => {
    const messages: Message[] = [
      image({ mediaId: 'M' }),
      menu({ items: [{ id: '1', content: 'yes' }] }),
      news({ title: 't' }),
    ];
    for (const message of messages) expect(partsOf(message)).toEqual([message]);
  });

  test('of a list are those of its members, in order', () => {
    const picture = image({ mediaId: 'M' });
    expect(partsOf(['one', picture, undefined, ['two', text('three')]])).toEqual([
      text('one'),
      picture,
      text('two'),
      text('three'),
    ]);
  });

  test('have no control characters, and what consists of nothing else is no part', () => {
    expect(partsOf('a\u0000b\u0007')).toEqual([text('ab')]);
    expect(partsOf('\u0000\u0007')).toEqual([]);
    expect(partsOf(['\u001b', 'hi'])).toEqual([text('hi')]);
  });
});

describe('the pieces of an answer', () => {
  test('are uncut, and remember their Markdown', () => {
    const long = 'word '.repeat(1000).trim();
    expect(piecesOf([long, undefined, image({ mediaId: 'M' })])).toEqual([
      { message: text(long) },
      { message: image({ mediaId: 'M' }) },
    ]);
    expect(piecesOf(['**a**', 'plain'], { markdown: true })).toEqual([
      { message: text('a'), markdown: '**a**' },
      { message: text('plain') },
    ]);
  });

  test('may be what another way can carry', () => {
    const messages = [transfer(), transferToAi(), news({ title: '1' }, { title: '2' })];
    expect(piecesOf(messages)).toEqual(messages.map((message) => ({ message })));
  });

  test.each<[string, unknown, RegExp]>([
    ['a number', 42, /returned a number/],
    ['a picture without its id', { type: 'image' }, /needs a mediaId/],
    ['a video without a thumb', video({ mediaId: 'V' }), /needs a thumbMediaId/],
    ['no article', news(), /one article, not 0/],
    ['a type of its own', { type: 'hologram' }, /hologram/],
  ])('%s is refused', (_, answer, message) => {
    expect(() => piecesOf(answer)).toThrow(TypeError);
    expect(() => piecesOf(answer)).toThrow(message);
  });
});

describe('what is no answer', () => {
  test.each<[string, unknown, RegExp]>([
    ['a number', 42, /returned a number; return a string, a message such as text\('…'\), an array of them, or nothing/],
    ['a boolean', true, /returned a boolean/],
    ['a function', () => 'hi', /returned a function/],
    ['an object', { a: 1 }, /returned an object that is no message/],
    ['one of a list', ['fine', 42], /returned a number/],
    ['a text of something else', { type: 'text', content: 42 }, /returned a number/],
  ])('%s is refused with what to return instead', (_, answer, message) => {
    expect(() => partsOf(answer)).toThrow(TypeError);
    expect(() => partsOf(answer)).toThrow(message);
  });

  test.each<[string, unknown, RegExp]>([
    ['a passive reply', transfer(), /transfer_customer_service.*passive reply/],
    ['two articles', news({ title: '1' }, { title: '2' }), /one article, not 2/],
    ['a picture without its id', { type: 'image' }, /needs a mediaId/],
    ['a type of its own', { type: 'hologram' }, /hologram/],
  ])('%s is refused before anything is sent, for it could never be sent', (_, answer, message) => {
    expect(() => partsOf(answer)).toThrow(TypeError);
    expect(() => partsOf(['fine', answer])).toThrow(message);
  });
});
