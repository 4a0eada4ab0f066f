import { assert, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { earlierId, pushId } from '../../src/wechat/dedupe.ts';
import { KNOWN_KEYS } from '../../src/wechat/keys.ts';
import { parsePush } from '../../src/wechat/parse.ts';
import { anyText } from './arbitrary.ts';
import { accepted, eventXml, OPENID, pushXml, textXml } from './fixtures.ts';

const idOf = (xml: string) => pushId(parsePush(xml));

test('a message is known by its MsgId and its CreateTime', () => {
  expect(idOf(textXml('hi'))).toBe('24900000000000001.1767225600');
});

describe('two pushes of one user that have the same MsgId', () => {
  const message = (type: string, created = '1767225600') =>
    pushXml(type, '<MsgId>24900000000000001</MsgId>').replace('1767225600', created);

  test.each([...KNOWN_KEYS.filter((key) => !/:|^(event|message|any)$/.test(key)), 'device_text'])(
    'are two if a %s has another CreateTime, and one if it has the same',
    (type) => {
      expect(idOf(message(type, '1767225601'))).not.toBe(idOf(message(type)));
      expect(idOf(message(type))).toBe(idOf(message(type)));
    },
  );

  test('had one id in an earlier release', () => {
    expect([message('text'), message('text', '1767225601')].map((xml) => earlierId(idOf(xml)))).toEqual([
      '24900000000000001',
      '24900000000000001',
    ]);
    const event = idOf(eventXml('subscribe'));
    expect(earlierId(event)).toBe(event);
  });
});

test('a message without MsgId, and every event, has an id of 12 characters', () => {
  expect(idOf(pushXml('video', '<MediaId>m</MediaId>'))).toMatch(/^[\w-]{12}$/);
  expect(idOf(eventXml('subscribe'))).toMatch(/^[\w-]{12}$/);
});

test.each(accepted)('$name has the same id when WeChat repeats it', ({ xml }) => {
  expect(idOf(xml)).toBe(idOf(xml));
});

test('no two of all push shapes have the same id', () => {
  const ids = accepted.map(({ xml }) => idOf(xml));
  expect(new Set(ids).size).toBe(ids.length);
});

describe('two events of one user in one second differ', () => {
  const events = [
    eventXml('CLICK', '<EventKey>a</EventKey>'),
    eventXml('CLICK', '<EventKey>b</EventKey>'),
    eventXml('VIEW', '<EventKey>a</EventKey>'),
    eventXml('LOCATION', '<Latitude>1</Latitude><Longitude>2</Longitude>'),
    eventXml('LOCATION', '<Latitude>2</Latitude><Longitude>1</Longitude>'),
    eventXml('TEMPLATESENDJOBFINISH', '<MsgID>1</MsgID><Status>success</Status>'),
    eventXml('TEMPLATESENDJOBFINISH', '<MsgID>2</MsgID><Status>success</Status>'),
    eventXml('scancode_push', '<ScanCodeInfo><ScanResult>1</ScanResult></ScanCodeInfo>'),
    eventXml('scancode_push', '<ScanCodeInfo><ScanResult>2</ScanResult></ScanCodeInfo>'),
    eventXml(
      'pic_weixin',
      '<SendPicsInfo><PicList><item><a>1</a></item><item><a>2</a></item></PicList></SendPicsInfo>',
    ),
    eventXml(
      'pic_weixin',
      '<SendPicsInfo><PicList><item><a>2</a></item><item><a>1</a></item></PicList></SendPicsInfo>',
    ),
  ];

  test('by name, key, and any of their own fields', () => {
    expect(new Set(events.map(idOf)).size).toBe(events.length);
  });

  test('but not by the order of their fields', () => {
    expect(idOf(eventXml('LOCATION', '<Longitude>2</Longitude><Latitude>1</Latitude>'))).toBe(
      idOf(events[3] as string),
    );
  });
});

test('the same event in another second is another', () => {
  const xml = eventXml('CLICK', '<EventKey>a</EventKey>');
  expect(idOf(xml.replace('1767225600', '1767225601'))).not.toBe(idOf(xml));
});

test('who sent it is no part of it: the caller adds account and OpenID', () => {
  const xml = eventXml('CLICK', '<EventKey>a</EventKey>');
  expect(idOf(xml.replace(OPENID, 'oSomebodyElse'))).toBe(idOf(xml));
});

test('an id can stand in a URL and in a job id, whatever a push holds', () => {
  assert(
    property(anyText(), (text) => {
      for (const xml of [
        pushXml('link', `<MsgId><![CDATA[${text}]]></MsgId>`),
        eventXml('CLICK', `<EventKey><![CDATA[${text}]]></EventKey>`),
      ]) {
        let id = 'refused';
        try {
          id = idOf(xml);
        } catch {}
        expect(id).toMatch(/^[A-Za-z0-9_.-]{1,33}$/);
      }
    }),
  );
});

test('a MsgId that is no number of at most 20 digits is not taken as an id', () => {
  for (const msgId of ['', '1'.repeat(21), '12:34', '-1', '1 2', '１２']) {
    expect(idOf(pushXml('link', `<MsgId><![CDATA[${msgId}]]></MsgId>`))).toMatch(/^[\w-]{12}$/);
  }
});

test('an event is not known by a MsgId, which only messages have', () => {
  expect(idOf(eventXml('CLICK', '<MsgId>24900000000000001</MsgId>'))).toMatch(/^[\w-]{12}$/);
});
