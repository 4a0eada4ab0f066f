import { describe, expect, test } from 'vitest';
import { recordedPushes } from '../../src/simulator/recorded.ts';
import { textPush } from './fixtures.ts';

const file = JSON.stringify([
  { name: 'text', xml: textPush, expect: {} },
  { name: 'broken', xml: '<xml><MsgType>' },
]);

test('a raw push is one push, as it is', () => {
  expect(recordedPushes(textPush)).toEqual([{ name: 'push', xml: textPush, openid: 'oTest0penid_AAAAAAAAAAAAAAA1' }]);
});

test('a JSON file gives all its pushes, broken ones too, or the one that is named', () => {
  expect(recordedPushes(file).map(({ name }) => name)).toEqual(['text', 'broken']);
  expect(recordedPushes(file, { name: 'broken' })).toEqual([{ name: 'broken', xml: '<xml><MsgType>', openid: '' }]);
});

describe('a fresh push', () => {
  test('has another CreateTime and MsgId, and nothing else is changed', () => {
    const [push] = recordedPushes(textPush, { fresh: true });
    const blank = (xml: string) => xml.replace(/<CreateTime>\d{10}</, '').replace(/<MsgId>\d{17,19}</, '');
    expect(push!.xml).not.toBe(textPush);
    expect(blank(push!.xml)).toBe(blank(textPush));
    expect(recordedPushes(textPush, { fresh: true })[0]!.xml).not.toBe(push!.xml);
  });

  test('keeps what the user typed, even when it looks like fields', () => {
    const typed = '<CreateTime>1</CreateTime><MsgId>2</MsgId>';
    const [push] = recordedPushes(textPush.replace('hello', typed), { fresh: true });
    expect(push!.xml).toContain(typed);
    expect(push!.xml).not.toContain('<MsgId>24900000000000001');
  });
});

test.each([
  ['{"name":"x"}', {}, 'has to be an array'],
  ['[{"name":"x"}]', {}, 'entry 1 of the file has no "xml"'],
  ['[]', {}, 'no push'],
  [file, { name: 'image' }, 'there are: text, broken'],
])('%s is refused with a reason', (content, options, reason) => {
  expect(() => recordedPushes(content, options)).toThrow(reason);
});
