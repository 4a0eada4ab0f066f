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

test('unknown types and events keep their spelling', () => {
  expect(keysOf(eventXml('Brand_New'))).toEqual(['event:Brand_New', 'event', 'any']);
  expect(keysOf(pushXml('device_text', ''))).toEqual(['device_text', 'message', 'any']);
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
