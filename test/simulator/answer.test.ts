import { describe, expect, test } from 'vitest';
import { type Answer, judgeAnswer } from '../../src/simulator/answer.ts';
import { encrypt } from '../../src/simulator/crypto.ts';
import { readFacts } from '../../src/simulator/push-xml.ts';
import type { Encryption } from '../../src/simulator/request.ts';
import { textReply } from './fake-receiver.ts';
import { account, illegalAnswers, legalReplies, sealedReply, textPush } from './fixtures.ts';

const judge = (body: string | Buffer, encryption: Encryption = 'plain', push = textPush): Answer =>
  judgeAnswer(200, Buffer.from(body), { ...account, encryption }, readFacts(push));

const withContent = (xml: string) =>
  textReply(textPush, 'x').replace(/<Content>.*<\/Content>/, `<Content>${xml}</Content>`);

describe('legal', () => {
  test.each(legalReplies)('a reply: $name', ({ xml, reply }) => {
    expect(judge(xml)).toEqual({ kind: 'reply', reply });
  });
  test.each(['plain', 'compatible', 'safe'] as const)('success and nothing, plain in %s mode', (mode) => {
    expect(judge('success', mode)).toEqual({ kind: 'success' });
    expect(judge('', mode)).toEqual({ kind: 'empty' });
  });
  test.each(['compatible', 'safe'] as const)('a sealed reply in %s mode', (mode) => {
    expect(judge(sealedReply, mode)).toEqual({ kind: 'reply', reply: { type: 'text', content: '你好' } });
  });
  test('a plain reply in compatible mode', () => {
    expect(judge(textReply(textPush, 'x'), 'compatible').kind).toBe('reply');
  });
  test('a reply after blank lines', () => {
    expect(judge(`\n\n${textReply(textPush, 'x')}\n`).kind).toBe('reply');
  });
  test('2048 bytes of content', () => {
    expect(judge(textReply(textPush, 'x'.repeat(2048))).kind).toBe('reply');
  });
  test.each([
    ['decimal numbers', '&#34;a&#34;', '"a"'],
    ['hexadecimal numbers', '&#x4f60;&#x1F600;', '你😀'],
    ['names', '&lt;b&gt;&amp;#34;', '<b>&#34;'],
    ['nothing in CDATA', '<![CDATA[&#34;]]>', '&#34;'],
    ['text beside CDATA', '&#34;<![CDATA[&#34;]]>', '"&#34;'],
    ['numbers up to 2048 bytes', '&#34;'.repeat(2048), '"'.repeat(2048)],
  ])('references, shown and counted as what they stand for: %s', (_, xml, content) => {
    expect(judge(withContent(xml))).toEqual({ kind: 'reply', reply: { type: 'text', content } });
  });
  test('references in any field', () => {
    const news = legalReplies.find(({ name }) => name === 'news')!.xml;
    const { reply } = judge(news.replace(/<Title>.*?<\/Title>/, '<Title>&#34;t&#34;</Title>'));
    expect(reply).toMatchObject({ articles: [{ title: '"t"' }] });
  });
  test('music without its thumbnail, with a note', () => {
    const music = legalReplies.find(({ name }) => name === 'music')!.xml;
    const { kind, notes } = judge(music.replace(/<ThumbMediaId>.*<\/ThumbMediaId>/, ''));
    expect([kind, notes?.[0]]).toEqual(['reply', expect.stringContaining('ThumbMediaId')]);
  });
  test('an article with an empty address, with a note', () => {
    const news = legalReplies.find(({ name }) => name === 'news')!.xml;
    const { kind, notes } = judge(news.replace(/<Url>.*?<\/Url>/, '<Url></Url>'));
    expect([kind, notes?.[0]]).toEqual(['reply', expect.stringContaining('blank page')]);
  });
  test('a CreateTime in milliseconds, with a note', () => {
    const { kind, notes } = judge(textReply(textPush, 'x').replace('1767225600', '1767225600000'));
    expect([kind, notes?.[0]]).toEqual(['reply', expect.stringContaining('milliseconds')]);
  });
  test('more articles than are shown, with a note', () => {
    const item = '<item><Title>t</Title></item>';
    const news = legalReplies.find(({ name }) => name === 'news')!.xml;
    const three = news
      .replace('<ArticleCount>1<', '<ArticleCount>3<')
      .replace(/<Articles>.*<\/Articles>/s, `<Articles>${item.repeat(3)}</Articles>`);
    expect(judge(three)).toMatchObject({
      reply: { articles: [{ title: 't' }] },
      notes: [expect.stringContaining('1 of these 3')],
    });
    const click = textPush.replace('CDATA[text]', 'CDATA[event]');
    expect(judge(three, 'plain', click).reply?.['articles']).toHaveLength(3);
  });
});

describe('illegal', () => {
  const reasons: Record<string, string> = {
    json: 'JSON',
    plain_word: 'neither "success" nor XML',
    success_json_quoted: 'JSON',
    empty_content_xml: '<Content> is empty',
    broken_tag: 'MsgType<Content',
    double_root: 'inside the <xml>',
    not_swapped: 'swap',
  };
  test.each(illegalAnswers)('$name', ({ name, body }) => {
    expect(() => judge(body)).toThrow(reasons[name]);
  });

  const reply = textReply(textPush, 'x');
  test.each([
    ['"]]>" in the text, not split', textReply(textPush, 'a]]>b'), 'split over two'],
    ['a CDATA section that lacks its ">"', reply.replace('[text]]>', '[text]]'), 'is a ">" missing'],
    ['a control character', textReply(textPush, 'a\u0001b'), 'U+0001'],
    ['2049 bytes of content', textReply(textPush, 'x'.repeat(2049)), '2049 bytes'],
    ['683 Chinese characters, which are 2049 bytes', textReply(textPush, '字'.repeat(683)), '2049 bytes'],
    ['a second root', `${reply}<xml></xml>`, 'well-formed'],
    ['a root of another name', reply.replaceAll('xml>', 'XML>'), 'one <xml> element'],
    ['a DOCTYPE', `<!DOCTYPE xml>${reply}`, 'DOCTYPE'],
    ['a truncated reply', reply.slice(0, -9), 'well-formed'],
    ['a field given twice', reply.replace('<CreateTime>', '<MsgType>text</MsgType><CreateTime>'), '2 times'],
    ['a missing CreateTime', reply.replace(/<CreateTime>.*<\/CreateTime>/, ''), '<CreateTime> is missing'],
    ['a CreateTime that is no number', reply.replace('1767225600', 'today'), 'no number'],
    ['an unknown type', reply.replace('[text]', '[msgmenu]'), 'no message type'],
    ['an image without its MediaId', reply.replace('[text]', '[image]'), '<Image>'],
    [
      'a wrong ArticleCount',
      legalReplies.find(({ name }) => name === 'news')!.xml.replace('>1<', '>2<'),
      'there are 1',
    ],
    [
      'music with an empty thumbnail',
      legalReplies
        .find(({ name }) => name === 'music')!
        .xml.replace(/<ThumbMediaId>.*<\/ThumbMediaId>/, '<ThumbMediaId></ThumbMediaId>'),
      'Thumb',
    ],
    ['a name that is none in XML', withContent('a&nbsp;b'), '&nbsp;'],
    ['the number of no character', withContent('&#0;'), '&#0;'],
    ['the number of half an emoji', withContent('&#xD83D;'), '&#xD83D;'],
    ['a number beyond Unicode', withContent('&#x110000;'), '&#x110000;'],
    ['a reference without a number', withContent('&#;'), '&#;'],
    ['2049 bytes, a character by its number', withContent(`${'x'.repeat(2048)}&#34;`), '2049 bytes'],
    ['another account', reply.replace('gh_0', 'gh_9'), 'not to the follower'],
    ['another follower', reply.replace('oTest', 'oBest'), 'not to the follower'],
    ['white space around success', 'success\n', 'white space'],
    ['a byte order mark', '\ufeffsuccess', 'byte order mark'],
    ['a sealed reply in plain mode', sealedReply, 'plain mode'],
  ])('%s', (_, body, reason) => {
    expect(() => judge(body)).toThrow(reason);
  });

  test('bytes that are no UTF-8', () => {
    expect(() => judge(Buffer.from([0xff, 0xfe, 0x41]))).toThrow('UTF-8');
  });
  test('a plain reply in safe mode', () => {
    expect(() => judge(reply, 'safe')).toThrow('safe mode');
  });
  test('a sealed reply with a wrong MsgSignature', () => {
    expect(() => judge(sealedReply.replace('[3fe4', '[0fe4'), 'safe')).toThrow('MsgSignature');
  });
  test('a sealed reply of another account', () => {
    const other = { ...account, appId: 'wxother' };
    expect(encrypt('x', other)).not.toBe(encrypt('x', account));
    expect(() =>
      judgeAnswer(200, Buffer.from(sealedReply), { ...other, encryption: 'safe' }, readFacts(textPush)),
    ).toThrow('AppID');
  });
});
