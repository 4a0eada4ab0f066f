import { describe, expect, test } from 'vitest';
import { canonicalKey, isKnownKey, KNOWN_KEYS, pushKeys } from '../../src/wechat/keys.ts';
import { parsePush } from '../../src/wechat/parse.ts';
import { accepted, eventXml, pushXml, textXml } from './fixtures.ts';

const keysOf = (xml: string) => pushKeys(parsePush(xml));

test('a push answers to its own key, its kind, and any, in this order', () => {
  expect(keysOf(textXml('hi'))).toEqual(['text', 'message', 'any']);
  expect(keysOf(eventXml('CLICK'))).toEqual(['event:CLICK', 'event', 'any']);
});

test('events are known in any case, and their keys are spelled as the guide does', () => {
  expect(keysOf(eventXml('scan'))[0]).toBe('event:SCAN');
  expect(keysOf(eventXml('Subscribe'))[0]).toBe('event:subscribe');
  expect(keysOf(eventXml('wificonnected'))[0]).toBe('event:WifiConnected');
  expect(canonicalKey('event:scan')).toBe('event:SCAN');
  expect(isKnownKey('event:scan')).toBe(true);
});

test('the Event of a push stays as it was sent', () => {
  expect(parsePush(eventXml('scan'))).toHaveProperty('Event', 'scan');
});

describe('a MsgType is known in any case', () => {
  const types = KNOWN_KEYS.filter((key) => !/:|^(message|event|any|unsupported)$/.test(key));

  test.each(types.flatMap((type) => [type.toUpperCase(), `${type[0]?.toUpperCase()}${type.slice(1)}`]))(
    '%s',
    (type) => {
      const fields = '<MediaId>m</MediaId><MediaId>n</MediaId><Content><![CDATA[a]]>b</Content><MsgId>1</MsgId>';
      const push = parsePush(pushXml(type, fields));
      expect(push).toEqual(parsePush(pushXml(type.toLowerCase(), fields)));
      expect(pushKeys(push)).toEqual([type.toLowerCase(), 'message', 'any']);
    },
  );

  test.each(['EVENT', 'Event'])('%s', (type) => {
    const push = parsePush(pushXml(type, '<Event>click</Event><EventKey>k</EventKey>'));
    expect(push).toMatchObject({ MsgType: 'event', Event: 'click' });
    expect(pushKeys(push)).toEqual(['event:CLICK', 'event', 'any']);
  });

  test('TEXT, whose Content is all that was written, whatever it breaks', () => {
    const text = ']]></Content><FromUserName>oForged</FromUserName>';
    expect(parsePush(textXml(text).replace('[text]', '[TEXT]'))).toMatchObject({ MsgType: 'text', Content: text });
  });

  test('one that is not known stays as it was sent', () => {
    expect(parsePush(pushXml('Device_Text', ''))).toHaveProperty('MsgType', 'Device_Text');
  });
});

describe('a sticker, which comes as a text, is unsupported', () => {
  test.each([
    '【收到不支持的消息类型，暂无法显示】',
    '【收到不支援的訊息類型，無法顯示】',
    '[Unsupported Message]',
    '[Unsupported message]',
    '[收到不支持的消息类型,暂时无法显示]',
    ' 【收到不支持的消息类型，暂无法显示】\n',
  ])('%j', (Content) => {
    expect(keysOf(textXml(Content))).toEqual(['unsupported', 'message', 'any']);
    expect(parsePush(textXml(Content))).toMatchObject({ MsgType: 'text', Content });
  });

  test.each([
    '收到不支持的消息类型，暂无法显示',
    'what is 【收到不支持的消息类型，暂无法显示】?',
    'Unsupported Message',
    '',
  ])('and %j is a text', (Content) => {
    expect(keysOf(textXml(Content))).toEqual(['text', 'message', 'any']);
  });

  test('and so is no other message, whatever it says', () => {
    const words = '<Title>[Unsupported Message]</Title><Content>[Unsupported Message]</Content>';
    expect(keysOf(pushXml('link', words))[0]).toBe('link');
  });
});

test('unknown types and events keep their spelling', () => {
  expect(keysOf(eventXml('Brand_New'))).toEqual(['event:Brand_New', 'event', 'any']);
  expect(keysOf(pushXml('device_text', ''))).toEqual(['message:device_text', 'message', 'any']);
  expect(canonicalKey('event:Brand_New')).toBe('event:Brand_New');
  expect(isKnownKey('event:Brand_New')).toBe(false);
});

test.each(accepted)('$name answers to a known key', ({ xml }) => {
  const [own] = keysOf(xml);
  expect(KNOWN_KEYS).toContain(own);
});

describe('KNOWN_KEYS', () => {
  test('begins with the message types and ends with the groups', () => {
    expect(KNOWN_KEYS.slice(0, 3)).toEqual(['text', 'image', 'voice']);
    expect(KNOWN_KEYS.slice(-3)).toEqual(['message', 'event', 'any']);
  });

  test('has no two keys that differ in case alone', () => {
    expect(new Set(KNOWN_KEYS.map((key) => key.toLowerCase())).size).toBe(KNOWN_KEYS.length);
  });

  test('are not the names that every object has', () => {
    for (const name of ['constructor', '__proto__', 'toString', '']) expect(isKnownKey(name)).toBe(false);
  });
});
