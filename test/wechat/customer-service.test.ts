import { assert, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { piecesOf } from '../../src/delivery/parts.ts';
import { customerServiceMessage, encodeJson } from '../../src/wechat/customer-service.ts';
import {
  card,
  image,
  link,
  type Message,
  menu,
  miniprogram,
  music,
  news,
  text,
  transfer,
  transferToAi,
  video,
} from '../../src/wechat/message.ts';
import { parsePush } from '../../src/wechat/parse.ts';
import { buildReply } from '../../src/wechat/reply.ts';
import { anyText } from './arbitrary.ts';
import { BUILT, mediaId } from './built.ts';
import { csMessages, OPENID, textXml } from './fixtures.ts';

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
    ['an empty article', news({ title: '', url: '' }), /needs a title/],
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

describe('an empty optional field is left out:', () => {
  const EMPTY = ['', ' \n', '\0'];
  const at = 'https://a.example';
  test.each<[string, (empty: string) => Message, string]>([
    ['description of news', (description) => news({ title: '题', description }), 'description'],
    ['picUrl of news', (picUrl) => news({ title: '题', picUrl }), 'picurl'],
    ['url of news', (url) => news({ title: '题', url }), 'url'],
    ['title of news', (title) => news({ title, url: at }), 'title'],
    ['title of a video', (title) => video({ mediaId, thumbMediaId: mediaId, title }), 'title'],
    ['description of a video', (description) => video({ mediaId, thumbMediaId: mediaId, description }), 'description'],
    ['title of music', (title) => music({ musicUrl: at, title }), 'title'],
    ['description of music', (description) => music({ musicUrl: at, description }), 'description'],
    ['musicUrl of music', (musicUrl) => music({ hqMusicUrl: at, musicUrl }), 'musicurl'],
    ['hqMusicUrl of music', (hqMusicUrl) => music({ musicUrl: at, hqMusicUrl }), 'hqmusicurl'],
    ['thumbMediaId of music', (thumbMediaId) => music({ musicUrl: at, thumbMediaId }), 'thumb_media_id'],
    ['head of a menu', (head) => menu({ head, items: [{ id: '1', content: 'x' }] }), 'head_content'],
    ['tail of a menu', (tail) => menu({ tail, items: [{ id: '1', content: 'x' }] }), 'tail_content'],
    [
      'title of a mini-program',
      (title) => miniprogram({ title, appId: 'wx', pagePath: 'p', thumbMediaId: mediaId }),
      'title',
    ],
    [
      'pagePath of a mini-program',
      (pagePath) => miniprogram({ title: 't', appId: 'wx', pagePath, thumbMediaId: mediaId }),
      'pagepath',
    ],
    ['title of a link', (title) => link({ title, description: 'd', url: at, thumbUrl: at }), 'title'],
    ['description of a link', (description) => link({ title: 't', description, url: at, thumbUrl: at }), 'description'],
    ['thumbUrl of a link', (thumbUrl) => link({ title: 't', description: 'd', url: at, thumbUrl }), 'thumb_url'],
  ])('%s', (_what, made, member) => {
    const json = (value: string) => encodeJson(customerServiceMessage(OPENID, made(value)));
    for (const empty of EMPTY) expect(json(empty)).not.toContain(`"${member}"`);
    expect(json('x')).toContain(`"${member}"`);
  });

  test('the account that is shown as the sender', () => {
    expect(customerServiceMessage(OPENID, text('x'), { kfAccount: '' })).not.toHaveProperty('customservice');
  });
});

test('music goes without a thumb', () => {
  const body = customerServiceMessage(OPENID, music({ musicUrl: 'https://a.example/m.mp3' }));
  expect(JSON.parse(encodeJson(body)).music).toEqual({ musicurl: 'https://a.example/m.mp3' });
});

describe('a line end is a newline, in a reply as in a send:', () => {
  const push = parsePush(textXml('hi'));
  test.each([
    ['a newline', '\n'],
    ['a lone carriage return', '\r'],
    ['both', '\r\n'],
    ['a vertical tab', '\v'],
    ['a form feed', '\f'],
    ['NEL', '\x85'],
    ['a line separator', '\u2028'],
    ['a paragraph separator', '\u2029'],
  ])('%s', (_what, end) => {
    const message = text(`一${end}二${end}三`);
    expect(buildReply(push, message, 0)).toContain('<![CDATA[一\n二\n三]]>');
    expect(customerServiceMessage(OPENID, message)).toMatchObject({ text: { content: '一\n二\n三' } });
    expect(piecesOf(message.content)).toEqual([{ message: text('一\n二\n三') }]);
  });

  test('each by itself, also beside another', () => {
    expect(customerServiceMessage(OPENID, text('一\r\n二\r三\n\r四'))).toMatchObject({
      text: { content: '一\n二\n三\n\n四' },
    });
  });
});

const LINE_ENDS = /\r\n|[\r\v\f\x85\u2028\u2029]/g;

describe('encodeJson', () => {
  test('never writes \\u, and reads back as any text without its control characters and lone surrogates', () => {
    assert(
      property(anyText(), (content) => {
        const json = encodeJson({ content, list: [content] });
        expect(json.replaceAll('\\\\', '')).not.toContain('\\u');
        const back = (JSON.parse(json) as { content: string }).content;
        const expected = content
          .replace(LINE_ENDS, '\n')
          .replace(/(?![\t\n])\p{Cc}/gu, '')
          .replace(/\p{Surrogate}/gu, '\ufffd');
        expect(back).toBe(expected);
      }),
    );
  });

  test('keeps tabs, newlines and emoji, raw', () => {
    expect(encodeJson({ content: 'a\t\n你😀' })).toBe('{"content":"a\\t\\n你😀"}');
  });

  test('leaves numbers, booleans and missing members as JSON does', () => {
    expect(encodeJson({ a: 1, b: true, c: undefined, d: null })).toBe('{"a":1,"b":true,"d":null}');
  });
});
