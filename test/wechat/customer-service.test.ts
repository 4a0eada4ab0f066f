import { assert, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { customerServiceMessage, encodeJson } from '../../src/wechat/customer-service.ts';
import {
  card,
  image,
  type Message,
  menu,
  news,
  text,
  transfer,
  transferToAi,
  video,
} from '../../src/wechat/message.ts';
import { anyText } from './arbitrary.ts';
import { BUILT, mediaId } from './built.ts';
import { csMessages, OPENID } from './fixtures.ts';

describe('every official message', () => {
  test.each(csMessages)('$name', ({ name, body }) => {
    const [message, options] = BUILT[name]!;
    expect(JSON.parse(encodeJson(customerServiceMessage(OPENID, message, options)))).toStrictEqual(body);
  });
});

describe('a message that WeChat would refuse is a TypeError that says what to do', () => {
  test.each<[string, Message, RegExp]>([
    ['an empty text', text(''), /return undefined instead/],
    ['a text that is empty when cleaned', text('\x02'), /return undefined instead/],
    ['a text of 2049 bytes', text('x'.repeat(2049)), /split it/],
    ['an image without mediaId', image({ mediaId: '' }), /image needs a mediaId: upload/],
    ['a video without thumbnail', video({ mediaId }), /video needs a thumbMediaId: upload/],
    ['two articles', news({ title: '1' }, { title: '2' }), /one article, not 2/],
    ['no article', news(), /one article, not 0/],
    ['a menu without items', menu({ items: [] }), /menu\(\{ items/],
    ['a card without id', card({ cardId: '' }), /wxcard needs a cardId/],
    ['a hand-over to a human', transfer(), /transfer_customer_service.*passive reply/],
    ['a hand-over to the AI of WeChat', transferToAi(), /transfer_biz_ai_ivr.*passive reply/],
  ])('%s', (_what, message, says) => {
    expect(() => customerServiceMessage(OPENID, message)).toThrow(TypeError);
    expect(() => customerServiceMessage(OPENID, message)).toThrow(says);
  });
});

describe('encodeJson', () => {
  test('never writes \\u, and reads back as any text without its control characters and lone surrogates', () => {
    assert(
      property(anyText(), (content) => {
        const json = encodeJson({ content, list: [content] });
        expect(json.replaceAll('\\\\', '')).not.toContain('\\u');
        const back = (JSON.parse(json) as { content: string }).content;
        const expected = content.replace(/(?![\t\n\r])\p{Cc}/gu, '').replace(/\p{Surrogate}/gu, '\ufffd');
        expect(back).toBe(expected);
      }),
    );
  });

  test('keeps tabs, newlines and emoji, raw', () => {
    expect(encodeJson({ content: 'a\t\n\r你😀' })).toBe('{"content":"a\\t\\n\\r你😀"}');
  });

  test('leaves numbers, booleans and missing members as JSON does', () => {
    expect(encodeJson({ a: 1, b: true, c: undefined, d: null })).toBe('{"a":1,"b":true,"d":null}');
  });
});
