import { assert, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explainReply } from '../../src/wechat/explain.ts';
import { parsePush } from '../../src/wechat/parse.ts';
import { anyText } from './arbitrary.ts';
import { encryptedEnvelope, illegal, replies, textXml } from './fixtures.ts';

const push = parsePush(textXml('hi'));
const legal = replies[0]!.xml;
const content = (xml: string) => legal.replace(/<Content>.*<\/Content>/, `<Content>${xml}</Content>`);
const music = (thumb: string) =>
  legal
    .replace('[text]', '[music]')
    .replace(/<Content>.*<\/Content>/, `<Music><MusicUrl>https://a.example</MusicUrl>${thumb}</Music>`);

describe('what WeChat takes needs no explanation', () => {
  test.each([...replies, { name: 'the encrypted envelope', xml: encryptedEnvelope.xml }])('$name', ({ xml }) => {
    expect(explainReply(xml, push)).toBeUndefined();
    expect(explainReply(xml)).toBeUndefined();
  });
});

describe('so it is with', () => {
  test.each([
    ['music without ThumbMediaId', music('')],
    ['characters by their decimal numbers', content('&#34;a&#34;')],
    ['characters by their hexadecimal numbers', content('&#x4f60;&#x1F600;')],
    ['numbers with noughts before them', content('&#0000000034;&#x0000000022;')],
    ['2048 bytes, each character by its number', content('&#34;'.repeat(2048))],
    ['682 Chinese characters by their numbers', content('&#20320;'.repeat(682))],
    ['what looks like a reference in CDATA', content('<![CDATA[&nbsp;&#0;]]>')],
  ])('%s', (_what, xml) => {
    expect(explainReply(xml, push)).toBeUndefined();
  });
});

describe('what WeChat refuses is explained', () => {
  const SAYS: Record<string, RegExp> = {
    json: /JSON/,
    plain_word: /neither success/,
    success_json_quoted: /quotes/,
    empty_content_xml: /Content is empty.*success/,
    broken_tag: /broken in line 1/,
    double_root: /<xml> inside <xml>/,
    not_swapped: /not swapped/,
  };

  test.each(illegal.filter(({ name }) => name !== 'http_201'))('$name, with the push and without', ({ name, body }) => {
    for (const explanation of [explainReply(body), explainReply(body, push)]) {
      expect(explanation?.en).toMatch(SAYS[name]!);
      expect(explanation?.zh).toMatch(/\p{Script=Han}/u);
    }
  });

  test('any status but 200, whatever the body', () => {
    for (const status of [201, 204, 302, 401, 500]) {
      expect(explainReply('success', push, status)?.en).toContain(`not ${status}`);
    }
  });

  test.each<[string, string, RegExp]>([
    ['a newline after success', 'success\n', /before or after/],
    ['a byte order mark', '\ufeffsuccess', /before or after/],
    ['an HTML page', '<!DOCTYPE html><html></html>', /HTML/],
    ['a list', '[]', /JSON/],
    ['two roots', legal + legal, /broken in line 1/],
    ['a root without end', legal.replace('</xml>', ''), /broken in line 1/],
    ['no fields', '<xml></xml>', /not one <xml> with elements/],
    ['no MsgType', legal.replace(/<MsgType>.*<\/MsgType>/, ''), /MsgType is missing/],
    ['another user', legal.replace('oTest', 'oElse'), /for another user/],
    ['a type that exists only by API', legal.replace('[text]', '[msgmenu]'), /no reply of type msgmenu/],
    ['a type that every object has', legal.replace('[text]', '[toString]'), /no reply of type toString/],
    ['an image without MediaId', legal.replace('[text]', '[image]'), /Image.MediaId is missing/],
    ['music that is nothing', legal.replace('[text]', '[music]'), /Music is missing/],
    ['music with an empty ThumbMediaId', music('<ThumbMediaId></ThumbMediaId>'), /ThumbMediaId is empty: leave/],
    ['music with an empty CDATA', music('<ThumbMediaId><![CDATA[]]></ThumbMediaId>'), /ThumbMediaId is empty: leave/],
    ['a name that is none in XML', content('a&nbsp;b'), /XML knows no &nbsp;.*&amp;/],
    ['the number of no character', content('&#0;'), /XML knows no &#0;/],
    ['the number of half an emoji', content('&#xD83D;'), /XML knows no &#xD83D;/],
    ['a number beyond Unicode', content('&#x110000;'), /XML knows no &#x110000;/],
    ['2049 bytes, a character by its number', content(`${'x'.repeat(2048)}&#34;`), /2049 bytes/],
    ['news without count', legal.replace('[text]', '[news]'), /ArticleCount is missing/],
    [
      'news without articles',
      legal.replace('[text]', '[news]').replace('<Content>', '<ArticleCount>1</ArticleCount><Content>'),
      /Articles.item is missing/,
    ],
    ['2049 bytes', legal.replace('你好', 'x'.repeat(2049)), /2049 bytes/],
    [
      'an envelope without signature',
      encryptedEnvelope.xml.replace(/<MsgSignature>.*<\/MsgSignature>/, ''),
      /MsgSignature is missing/,
    ],
  ])('%s', (_what, body, says) => {
    expect(explainReply(body, push)?.en).toMatch(says);
  });
});

test('no body makes it throw', () => {
  assert(
    property(anyText(), (body) => {
      for (const any of [body, `<xml>${body}</xml>`, legal.replace('你好', body)]) {
        const explanation = explainReply(any, push);
        if (explanation) expect(explanation.en).not.toBe('');
      }
    }),
    { numRuns: 500 },
  );
});
