import { assert, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explainReply } from '../../src/wechat/explain.ts';
import { parsePush } from '../../src/wechat/parse.ts';
import { anyText } from './arbitrary.ts';
import { encryptedEnvelope, illegal, replies, textXml } from './fixtures.ts';

const push = parsePush(textXml('hi'));
const legal = replies[0]!.xml;

describe('what WeChat takes needs no explanation', () => {
  test.each([...replies, { name: 'the encrypted envelope', xml: encryptedEnvelope.xml }])('$name', ({ xml }) => {
    expect(explainReply(xml, push)).toBeUndefined();
    expect(explainReply(xml)).toBeUndefined();
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
    ['music without ThumbMediaId', legal.replace('[text]', '[music]'), /Music.ThumbMediaId is missing/],
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
