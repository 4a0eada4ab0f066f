import { inspect } from 'node:util';
import { assert, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PushError } from '../../src/wechat/errors.ts';
import { cutEncrypt, parsePush } from '../../src/wechat/parse.ts';
import { anyText, readByUs } from './arbitrary.ts';
import { ACCOUNT, accepted, eventXml, messages, OPENID, pushXml, textXml } from './fixtures.ts';

/** A push as data: tests read fields that its type may not have. */
const parse = (xml: string) => parsePush(xml) as unknown as Record<string, unknown>;

describe('every push shape', () => {
  test.each(accepted)('$name', ({ xml, expect: expected, checkExpect }) => {
    const push = parse(xml);
    if (checkExpect) {
      for (const field of checkExpect) expect(push[field]).toBe(expected[field]);
    } else {
      expect(push).toStrictEqual(expected);
    }
  });

  test.each(messages.filter(({ reject }) => reject))('$name is refused', ({ xml }) => {
    expect(() => parsePush(xml)).toThrow(PushError);
  });
});

describe('what a user writes', () => {
  test('arrives as written, markup, control characters and lone halves of emoji included', () => {
    assert(
      property(anyText(), (content) => {
        expect(parse(textXml(content))['Content']).toBe(readByUs(content));
      }),
    );
  });

  test('may be the split of CDATA itself, which cannot be told from a split', () => {
    expect(parse(textXml('a]]]]><![CDATA[>b'))['Content']).toBe('a]]>b');
  });

  test('forges no field, whatever it closes and opens', () => {
    const fields = ['ToUserName', 'FromUserName', 'CreateTime', 'MsgType', 'Event', 'EventKey', 'MsgId', 'Content'];
    const forged = fields.map((name) => `<${name}><![CDATA[1]]></${name}>`).join('');
    for (const attack of [
      `x]]></Content>${forged}<Content><![CDATA[y`,
      `x]]></Content>${forged}`,
      `x]]></Content></xml><xml>${forged}<Content><![CDATA[y`,
      `x]]></Content><!-- ${forged} --><Content><![CDATA[y`,
      `x]]></Content></xml>`,
    ]) {
      expect(parse(textXml(attack))).toStrictEqual({
        ToUserName: ACCOUNT,
        FromUserName: OPENID,
        CreateTime: '1767225600',
        MsgType: 'text',
        Content: attack,
        MsgId: '24900000000000001',
      });
    }
  });

  test('forges no header in a field that is no text either', () => {
    const forged = '<FromUserName>oVictim</FromUserName><MsgType>text</MsgType><CreateTime>1</CreateTime>';
    const push = parse(
      pushXml('link', `<Title><![CDATA[x]]></Title>${forged}<Title><![CDATA[y]]></Title><Url>u</Url><MsgId>7</MsgId>`),
    );
    expect(push).toMatchObject({
      FromUserName: OPENID,
      MsgType: 'link',
      CreateTime: '1767225600',
      Title: 'x',
      Url: 'u',
    });
  });

  test('is no Content where it stands in another field', () => {
    const title = '<Content><![CDATA[evil]]></Content>';
    const push = parse(
      pushXml('link', `<Title><![CDATA[about <Content>]]></Title><Description>${title}</Description>`),
    );
    expect(push).not.toHaveProperty('Content');
    expect(push['Title']).toBe('about <Content>');
  });

  test('is Content only where it is the text of a text message', () => {
    expect(parse(pushXml('text', '<Other><Content><![CDATA[evil]]></Content></Other>'))).not.toHaveProperty('Content');
    const twice = '<Content><![CDATA[a]]></Content><Between>b</Between><Content><![CDATA[c]]></Content>';
    expect(parse(pushXml('device_text', twice))).toMatchObject({ Content: ['a', 'c'], Between: 'b' });
  });

  test('may speak of a DOCTYPE', () => {
    expect(parse(textXml('<!DOCTYPE html><html>'))['Content']).toBe('<!DOCTYPE html><html>');
    expect(parse(pushXml('link', '<Title><![CDATA[<!DOCTYPE html>]]></Title>'))['Title']).toBe('<!DOCTYPE html>');
  });
});

describe('text outside CDATA', () => {
  test('is trimmed, and its entities and character references are decoded', () => {
    const push = parse(pushXml('text', '<Content>\n  a &lt;b&gt; &amp;amp; &#20320;&#x597d; &quot;&apos;\n</Content>'));
    expect(push['Content']).toBe('a <b> &amp; 你好 "\'');
  });

  test('keeps what is no reference of XML', () => {
    expect(parse(pushXml('text', '<Content>&nbsp; &x; &#9999999; & &#xZ;</Content>'))['Content']).toBe(
      '&nbsp; &x; &#9999999; & &#xZ;',
    );
  });

  test('is never a number or a boolean', () => {
    const push = parse(
      eventXml('LOCATION', '<Latitude>023.0</Latitude><Longitude>1e3</Longitude><Precision>true</Precision>'),
    );
    expect(push).toMatchObject({ Latitude: '023.0', Longitude: '1e3', Precision: 'true' });
  });
});

describe('lists', () => {
  test('of one picture, of none, and of several PicLists are arrays', () => {
    const pics = (inner: string) =>
      parse(eventXml('pic_weixin', `<SendPicsInfo>${inner}</SendPicsInfo>`))['SendPicsInfo'];
    const item = (sum: string) => `<item><PicMd5Sum>${sum}</PicMd5Sum></item>`;
    expect(pics(`<PicList>${item('a')}</PicList>`)).toEqual({ PicList: { item: [{ PicMd5Sum: 'a' }] } });
    expect(pics('<Count>0</Count><PicList></PicList>')).toEqual({ Count: '0', PicList: { item: [] } });
    expect(pics('<PicList><item/></PicList>')).toEqual({ PicList: { item: [] } });
    expect(pics(`<PicList>${item('a')}${item('b')}</PicList><PicList>${item('c')}</PicList>`)).toEqual({
      PicList: { item: [{ PicMd5Sum: 'a' }, { PicMd5Sum: 'b' }, { PicMd5Sum: 'c' }] },
    });
  });

  test('of the articles of a mass message are arrays', () => {
    const article = '<item><ArticleIdx>1</ArticleIdx><ArticleUrl><![CDATA[u]]></ArticleUrl></item>';
    const push = parse(
      eventXml(
        'MASSSENDJOBFINISH',
        '<CopyrightCheckResult><Count>0</Count><ResultList></ResultList><CheckState>2</CheckState></CopyrightCheckResult>' +
          `<ArticleUrlResult><Count>1</Count><ResultList>${article}</ResultList></ArticleUrlResult>`,
      ),
    );
    expect(push['CopyrightCheckResult']).toEqual({ Count: '0', ResultList: { item: [] }, CheckState: '2' });
    expect(push['ArticleUrlResult']).toEqual({
      Count: '1',
      ResultList: { item: [{ ArticleIdx: '1', ArticleUrl: 'u' }] },
    });
  });

  test('of texts are arrays, and absent where there are none', () => {
    const info = (inner: string) =>
      parse(eventXml('PUBLISHJOBFINISH', `<PublishEventInfo>${inner}</PublishEventInfo>`))['PublishEventInfo'];
    expect(info('<publish_id>1</publish_id><fail_idx>1</fail_idx>')).toEqual({ publish_id: '1', fail_idx: ['1'] });
    expect(info('<publish_id>1</publish_id><fail_idx>1</fail_idx><fail_idx>2</fail_idx>')).toMatchObject({
      fail_idx: ['1', '2'],
    });
    expect(info('<publish_id>1</publish_id>')).toEqual({ publish_id: '1' });
  });

  test('directly inside an event are arrays', () => {
    for (const [event, name, list] of [
      ['subscribe_msg_popup_event', 'SubscribeMsgPopupEvent', 'List'],
      ['subscribe_msg_change_event', 'SubscribeMsgChangeEvent', 'List'],
      ['subscribe_msg_sent_event', 'SubscribeMsgSentEvent', 'List'],
      ['ShakearoundUserShake', 'AroundBeacons', 'AroundBeacon'],
    ] as const) {
      expect(parse(eventXml(event, `<${name}><${list}><a>1</a></${list}></${name}>`))[name]).toEqual({
        [list]: [{ a: '1' }],
      });
      expect(parse(eventXml(event, `<${name}></${name}>`))[name]).toEqual({ [list]: [] });
    }
  });
});

describe('elements that come twice', () => {
  test('in a known push, the first is the one', () => {
    expect(parse(eventXml('CLICK', '<EventKey>a</EventKey><EventKey>b</EventKey>'))['EventKey']).toBe('a');
    const scan =
      '<ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>a</ScanResult><ScanResult>b</ScanResult></ScanCodeInfo>';
    expect(parse(eventXml('scancode_push', scan))['ScanCodeInfo']).toEqual({ ScanType: 'qrcode', ScanResult: 'a' });
    const more = `${scan}<ScanCodeInfo><ScanResult>c</ScanResult></ScanCodeInfo>`;
    expect(parse(eventXml('scancode_push', more))['ScanCodeInfo']).toEqual({ ScanType: 'qrcode', ScanResult: 'a' });
  });

  test('in an unknown push are an array, but for its header', () => {
    const twice = '<FromUserName>oVictim</FromUserName><New>a</New><New>b</New><Deep><x>1</x></Deep>';
    expect(parse(eventXml('brand_new_event', twice))).toMatchObject({
      FromUserName: OPENID,
      New: ['a', 'b'],
      Deep: { x: '1' },
    });
    expect(parse(pushXml('device_text', '<New>a</New><New>b</New>'))).toMatchObject({ New: ['a', 'b'] });
  });
});

describe('what is neither element nor text', () => {
  test('is no field: comments, processing instructions, attributes, text beside elements', () => {
    const noise =
      '<!-- a --><?b c="d"?>e<EventKey f="g">h</EventKey>i<ScanCodeInfo>j<ScanType>k</ScanType>l</ScanCodeInfo>';
    expect(parse(eventXml('scancode_push', noise))).toStrictEqual({
      ToUserName: ACCOUNT,
      FromUserName: OPENID,
      CreateTime: '1767225600',
      MsgType: 'event',
      Event: 'scancode_push',
      EventKey: 'h',
      ScanCodeInfo: { ScanType: 'k' },
    });
  });
});

describe('elements in elements', () => {
  const nested = (depth: number) => eventXml('brand_new_event', '<a>'.repeat(depth) + '</a>'.repeat(depth));

  test('are read to twice the depth of any known push, and no further', () => {
    expect(parse(nested(10))).toHaveProperty('a');
    expect(() => parsePush(nested(20))).toThrow(PushError);
  });
});

describe('a leaf', () => {
  test('is its text, whatever elements are in it', () => {
    expect(parse(eventXml('CLICK', '<EventKey>a<b>c</b></EventKey>'))['EventKey']).toBe('a');
    expect(parse(eventXml('CLICK', '<EventKey><b>c</b></EventKey>'))['EventKey']).toBe('');
  });
});

describe('a body that is no push', () => {
  test.each([
    ['nothing', ''],
    ['an empty <xml>', '<xml></xml>'],
    ['two roots', eventXml('CLICK') + eventXml('CLICK')],
    ['a root in a root', `<xml>${textXml('a')}</xml>`],
    ['elements after the end of the root', eventXml('CLICK', '</xml><EventKey>a</EventKey>')],
    ['something after the root', `${textXml('a')}x`],
    ['a DOCTYPE inside', pushXml('link', '<!DOCTYPE a><Title>x</Title>')],
    ['a DOCTYPE with entities inside', pushXml('link', '<!DOCTYPE a [<!ENTITY x "y">]><Title>&x;</Title>')],
    ['an unclosed declaration', `<?xml version="1.0" ${textXml('a')}`],
    ['an empty OpenID', textXml('a').replace(OPENID, '')],
    ['no account', textXml('a').replace(/<ToUserName>.*<\/ToUserName>/, '')],
    ['a date that is no number', textXml('a').replace('1767225600', 'yesterday')],
    ['a date with too many digits', textXml('a').replace('1767225600', '9'.repeat(13))],
    ['an event without a name', pushXml('event', '<EventKey>a</EventKey>')],
    ...['__proto__', 'constructor', 'prototype', 'hasOwnProperty', 'toString'].map((name) => [
      `an element called ${name}`,
      pushXml('link', `<${name}>x</${name}>`),
    ]),
    [
      'a __proto__ further in',
      eventXml('scancode_push', '<ScanCodeInfo><__proto__><a>1</a></__proto__></ScanCodeInfo>'),
    ],
  ])('is refused: %s', (_what, xml) => {
    expect(() => parsePush(xml as string)).toThrow(PushError);
  });

  test('is refused with an error that holds nothing of what the user wrote', () => {
    const secret = 'my-password';
    for (const xml of [`<a>${secret}</a>`, `<xml>${secret}`, pushXml('', secret), `<xml><${secret} "</xml>`]) {
      let error: unknown;
      try {
        parsePush(xml);
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(PushError);
      expect(inspect(error, { depth: 5 })).not.toContain(secret);
    }
  });
});

describe('cutEncrypt', () => {
  test('finds the cipher text in CDATA, without it, and between spaces', () => {
    expect(cutEncrypt('<xml><Encrypt><![CDATA[abc=]]></Encrypt></xml>')).toBe('abc=');
    expect(cutEncrypt('<xml>\n<Encrypt> <![CDATA[abc=]]>\n</Encrypt></xml>')).toBe('abc=');
    expect(cutEncrypt('<xml><Encrypt> abc= </Encrypt></xml>')).toBe('abc=');
  });

  test('finds none in a plain push', () => {
    expect(cutEncrypt(textXml('hello'))).toBeUndefined();
    expect(cutEncrypt('<xml><Encrypt>abc')).toBeUndefined();
    expect(cutEncrypt('')).toBeUndefined();
  });

  test('tells an empty one from none, so that it cannot pass for a plain push', () => {
    expect(cutEncrypt('<xml><Encrypt></Encrypt></xml>')).toBe('');
  });

  test('is not led astray by a user who writes the word, before the real one', () => {
    const body = textXml('<Encrypt><![CDATA[evil]]></Encrypt>').replace('</xml>', '<Encrypt>real</Encrypt></xml>');
    expect(cutEncrypt(body)).toBe('real');
  });
});
