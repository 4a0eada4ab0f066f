import { assert, property } from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import { cleanForXml } from '../../src/wechat/cdata.ts';
import { explainReply } from '../../src/wechat/explain.ts';
import {
  image,
  menu,
  music,
  news,
  type ReplyMessage,
  text,
  transfer,
  transferToAi,
  video,
  voice,
} from '../../src/wechat/message.ts';
import { parsePush } from '../../src/wechat/parse.ts';
import { articleLimit, buildReply } from '../../src/wechat/reply.ts';
import { anyText, readByUs } from './arbitrary.ts';
import { ACCOUNT, eventXml, OPENID, pushXml, replies, textXml } from './fixtures.ts';

const NOW = 1767225600_987;
const push = parsePush(textXml('hi'));
const click = parsePush(eventXml('CLICK'));
const build = (message: ReplyMessage) => buildReply(push, message, NOW);

/** How a standard parser, which knows nothing of our ways, reads a reply. */
function readByOthers(xml: string): Record<string, unknown> {
  expect(XMLValidator.validate(xml)).toBe(true);
  return new XMLParser({ parseTagValue: false, trimValues: false }).parse(xml).xml;
}

describe('every official reply', () => {
  test.each(replies.filter(({ reply }) => reply !== null))('$name', ({ reply, xml }) => {
    expect(build(reply)).toBe(xml);
  });
});

describe('a reply', () => {
  test('is addressed to the user, with the date in seconds', () => {
    expect(readByOthers(build(text('hi')))).toMatchObject({
      ToUserName: OPENID,
      FromUserName: ACCOUNT,
      CreateTime: '1767225600',
    });
  });

  test('of any text reads the same in every parser, but for what XML cannot hold', () => {
    assert(
      property(anyText(), (content) => {
        const clean = cleanForXml(content);
        if (clean === '') return;
        const xml = build(text(content));
        expect(readByOthers(xml)['Content']).toBe(clean);
        expect(parsePush(xml)).toMatchObject({ Content: clean, ToUserName: OPENID, FromUserName: ACCOUNT });
        expect(explainReply(xml, push)).toBeUndefined();
      }),
    );
  });

  test('can give back what the user wrote, byte for byte', () => {
    assert(
      property(anyText(), (written) => {
        const { Content } = parsePush(textXml(written)) as { Content: string };
        const clean = cleanForXml(readByUs(written));
        if (clean === '') return;
        expect(parsePush(build(text(Content)))).toHaveProperty('Content', clean);
      }),
    );
  });

  test('of any type and any text is one XML document', () => {
    const given = (name: string, any: string) => (cleanForXml(any).trim() === '' ? {} : { [name]: cleanForXml(any) });
    assert(
      property(anyText(), anyText(), (a, b) => {
        const article = { title: `t${a}`, description: b, picUrl: a, url: b };
        const all: ReplyMessage[] = [
          image({ mediaId: `m${a}` }),
          voice({ mediaId: `m${a}` }),
          video({ mediaId: `m${a}`, title: b, description: a }),
          music({ thumbMediaId: `m${a}`, title: b, description: a, musicUrl: b, hqMusicUrl: a }),
          news(article),
          transfer(`k${a}`),
        ];
        for (const message of all) {
          const xml = build(message);
          expect(readByOthers(xml)['MsgType']).toBe(message.type);
          expect(explainReply(xml, push)).toBeUndefined();
        }
        expect(readByOthers(build(news(article)))).toMatchObject({
          Articles: { item: { Title: `t${cleanForXml(a)}`, ...given('Url', b) } },
        });
      }),
    );
  });

  test('has no control characters, and no halves of emoji', () => {
    expect(readByOthers(build(text('a\0\x02\x1d\r\n\tb\x85\ud83d')))['Content']).toBe('a\n\tb\n\ufffd');
  });

  test('leaves out the elements that were not given', () => {
    expect(build(video({ mediaId: 'm' }))).not.toContain('Title');
    expect(build(transfer())).not.toContain('TransInfo');
    expect(build(news({ title: 't' }))).toContain('<Articles><item><Title><![CDATA[t]]></Title></item></Articles>');
  });

  test('hands over to the AI of WeChat with its type alone', () => {
    expect(build(transferToAi())).toMatch(/<MsgType><!\[CDATA\[transfer_biz_ai_ivr\]\]><\/MsgType><\/xml>$/);
  });
});

describe('an empty optional field has no element:', () => {
  const EMPTY = ['', ' \n', '\0'];
  test.each<[string, (empty: string) => ReplyMessage, string]>([
    ['description of news', (description) => news({ title: '题', description }), 'Description'],
    ['picUrl of news', (picUrl) => news({ title: '题', picUrl }), 'PicUrl'],
    ['url of news', (url) => news({ title: '题', url }), 'Url'],
    ['title of news', (title) => news({ title, url: 'https://a.example' }), 'Title'],
    ['title of a video', (title) => video({ mediaId: 'm', title }), 'Title'],
    ['description of a video', (description) => video({ mediaId: 'm', description }), 'Description'],
    ['title of music', (title) => music({ musicUrl: 'https://a.example', title }), 'Title'],
    ['description of music', (description) => music({ musicUrl: 'https://a.example', description }), 'Description'],
    ['musicUrl of music', (musicUrl) => music({ thumbMediaId: 'm', musicUrl }), '<MusicUrl'],
    ['hqMusicUrl of music', (hqMusicUrl) => music({ musicUrl: 'https://a.example', hqMusicUrl }), 'HQMusicUrl'],
    ['thumbMediaId of music', (thumbMediaId) => music({ musicUrl: 'https://a.example', thumbMediaId }), 'ThumbMediaId'],
    ['kfAccount of a transfer', (kfAccount) => transfer(kfAccount), 'TransInfo'],
  ])('%s', (_what, made, element) => {
    for (const empty of EMPTY) expect(build(made(empty))).not.toContain(element);
    expect(build(made('x'))).toContain(element);
  });
});

test('music goes without a thumb', () => {
  const xml = build(music({ musicUrl: 'https://a.example/m.mp3' }));
  expect(xml).toContain('<Music><MusicUrl><![CDATA[https://a.example/m.mp3]]></MusicUrl></Music>');
  expect(explainReply(xml, push)).toBeUndefined();
});

describe('a reply that WeChat would refuse is a TypeError that says what to do', () => {
  test.each<[string, ReplyMessage, RegExp]>([
    ['an empty text', text(''), /return undefined instead/],
    ['a text of control characters', text('\0\x01'), /return undefined instead/],
    ['a text of 2049 bytes', text('x'.repeat(2049)), /2049 bytes.*2048: split it/],
    ['a text of 683 Chinese characters', text('汉'.repeat(683)), /2049 bytes/],
    ['an image without mediaId', image({ mediaId: '' }), /image needs a mediaId: upload/],
    ['music that is nothing', music({ title: 't' }), /music needs a musicUrl/],
    ['an empty article', news({ title: '', url: '' }), /needs a title/],
    ['no article', news(), /1 to 1 articles, not 0/],
    ['two articles for a text', news({ title: '1' }, { title: '2' }), /1 to 1 articles, not 2/],
    ['a menu', menu({ items: [] }) as never, /msgmenu.*customer-service message/],
  ])('%s', (_what, message, says) => {
    expect(() => build(message)).toThrow(TypeError);
    expect(() => build(message)).toThrow(says);
  });

  test('and 2048 bytes are taken', () => {
    expect(build(text('x'.repeat(2048)))).toContain('x'.repeat(2048));
    expect(build(text(`${'汉'.repeat(682)}xx`))).toContain('汉xx');
    expect(build(text('x'.repeat(2048) + '\0'.repeat(100)))).toContain('x'.repeat(2048));
  });
});

test('a reply to an event may have eight articles, to what a user sent one', () => {
  const eight = Array.from({ length: 8 }, (_, index) => ({ title: String(index) }));
  expect(readByOthers(buildReply(click, news(...eight), NOW))).toMatchObject({ ArticleCount: '8' });
  expect(() => buildReply(click, news(...eight, { title: '9' }), NOW)).toThrow(/1 to 8 articles, not 9/);
  for (const type of ['text', 'image', 'voice', 'video', 'location', 'link']) {
    expect(articleLimit(parsePush(pushXml(type, '')))).toBe(1);
  }
  expect(articleLimit(click)).toBe(8);
});
