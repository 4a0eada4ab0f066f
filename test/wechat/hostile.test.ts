import { type Arbitrary, array, assert, constantFrom, integer, oneof, property, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PushError } from '../../src/wechat/errors.ts';
import { isKnownKey, pushKeys } from '../../src/wechat/keys.ts';
import { cutEncrypt, parsePush } from '../../src/wechat/parse.ts';
import type { Push } from '../../src/wechat/push.ts';
import { anyText } from './arbitrary.ts';
import { eventXml, messages, pushXml, textXml } from './fixtures.ts';

/** The push, or undefined where it is refused; any other error is a failure. */
function read(xml: string): Push | undefined {
  try {
    return parsePush(xml);
  } catch (error) {
    if (error instanceof PushError) return undefined;
    throw error;
  }
}

/** What every push that is not refused must be, so that nobody behind the parser has to check again. */
function expectSound(push: Push): void {
  for (const name of ['ToUserName', 'FromUserName', 'CreateTime', 'MsgType'] as const) {
    expect(typeof push[name]).toBe('string');
    expect(push[name]).not.toBe('');
  }
  expect(push.CreateTime).toMatch(/^\d{1,12}$/);
  expect(Object.getPrototypeOf(push)).toBe(Object.prototype);
  const isMessage = push.MsgType !== 'event';
  if (isMessage && isKnownKey(pushKeys(push)[0] as string)) {
    for (const value of Object.values(push)) expect(typeof value).not.toBe('object');
  }
  expect(JSON.parse(JSON.stringify(push))).toStrictEqual(push);
}

const real = messages.map(({ xml }) => xml);

/** A real push, cut, doubled or spiced at any place. */
function mutated(): Arbitrary<string> {
  const edit = tuple(integer({ min: 0, max: 2_000 }), integer({ min: 0, max: 60 }), oneof(constantFrom(''), anyText()));
  return tuple(constantFrom(...real), array(edit, { minLength: 1, maxLength: 4 })).map(([xml, edits]) =>
    edits.reduce((text, [at, length, insert]) => {
      const place = at % (text.length + 1);
      const doubled = insert === '' ? '' : text.slice(place, place + length);
      return text.slice(0, place) + insert + doubled + text.slice(place + length);
    }, xml),
  );
}

describe('no input makes parsePush throw anything but PushError', () => {
  const check = (inputs: Arbitrary<string>, numRuns: number) =>
    assert(
      property(inputs, (xml) => {
        const push = read(xml);
        if (push) expectSound(push);
        expect(['string', 'undefined']).toContain(typeof cutEncrypt(xml));
      }),
      { numRuns },
    );

  test('any string', () => check(anyText(), 1_000));

  test('any string inside <xml>', () =>
    check(
      anyText().map((text) => `<xml>${text}</xml>`),
      1_000,
    ));

  test('any string as a field of a message, an event or an unknown push', () => {
    const wrap = constantFrom(
      (text: string) => pushXml('link', `<Title>${text}</Title>`),
      (text: string) =>
        eventXml('scancode_push', `<ScanCodeInfo><ScanResult><![CDATA[${text}]]></ScanResult></ScanCodeInfo>`),
      (text: string) => eventXml('pic_weixin', `<SendPicsInfo>${text}</SendPicsInfo>`),
      (text: string) => pushXml(text, text),
    );
    check(
      tuple(wrap, anyText()).map(([around, text]) => around(text)),
      1_000,
    );
  });

  test('real pushes with something cut out, doubled or put in', () => check(mutated(), 3_000));

  test.each([
    ['closed', (n: number) => '<a>'.repeat(n) + '</a>'.repeat(n)],
    ['never closed', (n: number) => '<a>'.repeat(n)],
  ])('elements nested a hundred thousand deep, %s', (_how, nest) => {
    expect(read(pushXml('link', nest(100_000)))).toBeUndefined();
    expect(read(nest(100_000))).toBeUndefined();
  });

  test('an element that comes a hundred thousand times', () => {
    const many = '<item/>'.repeat(100_000);
    expect(read(pushXml('link', many))).toMatchObject({ item: '' });
    expect(read(eventXml('pic_weixin', `<SendPicsInfo><PicList>${many}</PicList></SendPicsInfo>`))).toMatchObject({
      SendPicsInfo: { PicList: { item: [] } },
    });
    const sums = '<item><a>1</a></item>'.repeat(50_000);
    const push = read(eventXml('pic_weixin', `<SendPicsInfo><PicList>${sums}</PicList></SendPicsInfo>`));
    expect(push).toHaveProperty('SendPicsInfo.PicList.item.length', 50_000);
  });
});

describe('the time to read a push grows with its length, not with its square', () => {
  function timeOf(xml: string): number {
    let best = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 5; round++) {
      const start = process.hrtime.bigint();
      read(xml);
      cutEncrypt(xml);
      best = Math.min(best, Number(process.hrtime.bigint() - start));
    }
    return best;
  }

  /**
   * How much longer 16 times the text takes. A line is 16, a square 256, so that one measurement under 64 proves the line; a
   * busy machine can only make it look worse, and gets more tries.
   */
  function growthOf(textOf: (length: number) => string): number {
    let growth = Number.POSITIVE_INFINITY;
    for (let attempt = 0; attempt < 10 && growth >= 64; attempt++) {
      growth = Math.min(growth, timeOf(textOf(65_536)) / timeOf(textOf(4_096)));
    }
    return growth;
  }

  // biome-ignore format: a list of pieces
  const pieces = [
    'x', '<', '>', '&', '&amp;', '&#1', ' ', '\n', '"', '<a>', '<a/>', '</a>', '<a ', '<a b="', "<a b='", '<!--', '-->',
    '<![CDATA[', ']]>', ']]', '<![CDATA[]]>', ']]]]><![CDATA[>', '<Content>', '</Content>', '<Content> ', ' </Content>',
    '<Content><![CDATA[', ']]></Content>', ']]> </Content>', '<Encrypt>', '</Encrypt>', '<?a ', '<?a b="?>', '<?a b ?>', '?>',
    '<!DOCTYPE ', '<!DOCTYPE a [', '<!ENTITY x "y">', '<PicList/>', '<PicList><item><a/></item></PicList>', 'a=',
  ];

  const around: [string, (text: string) => string][] = [
    ['alone', (text) => text],
    ['as Content', textXml],
    ['as elements', (text) => pushXml('link', text)],
    ['in a structure', (text) => eventXml('pic_weixin', `<SendPicsInfo>${text}</SendPicsInfo>`)],
    ['in a tag', (text) => pushXml('link', `<a ${text}>`)],
  ];

  test.each(around)('for every repeated piece, %s', (_where, wrap) => {
    for (const piece of pieces) {
      const growth = growthOf((length) => wrap(piece.repeat(length / piece.length)));
      expect(growth, JSON.stringify(piece)).toBeLessThan(64);
    }
  });
});
