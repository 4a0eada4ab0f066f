import { describe, expect, test } from 'vitest';
import type { AnyHandler } from '../../src/handlers/definition.ts';
import { createRouter, matchFromJson, matchToJson } from '../../src/handlers/route.ts';
import { parsePush } from '../../src/wechat/parse.ts';

const push = (type: string, fields: Record<string, string> = {}) => {
  const rest = Object.entries(fields).map(([name, value]) => `<${name}><![CDATA[${value}]]></${name}>`);
  return parsePush(
    `<xml><ToUserName>gh_1</ToUserName><FromUserName>o1</FromUserName><CreateTime>1</CreateTime><MsgType>${type}</MsgType>${rest.join('')}</xml>`,
  );
};
const text = (Content: string) => push('text', { Content });
const event = (Event: string, fields: Record<string, string> = {}) => push('event', { Event, ...fields });
const handler = (name: string, fields: Partial<AnyHandler>): AnyHandler => ({
  name,
  on: 'any',
  reply: 'ok',
  ...fields,
});

/** What became of the pushes: the handler's name, or undefined. */
function routed(handlers: AnyHandler[], ...pushes: ReturnType<typeof push>[]) {
  const errors: [string, unknown][] = [];
  const route = createRouter(handlers, (name, error) => errors.push([name, error]));
  return { routes: pushes.map((one) => route(one)), names: pushes.map((one) => route(one)?.handler.name), errors };
}
const matchOf = (match: AnyHandler['match'], one: ReturnType<typeof push>) =>
  createRouter([handler('h', { match })], (_, error) => {
    throw error;
  })(one)?.match;

describe('what a handler listens to', () => {
  test('a type takes its messages alone', () => {
    expect(routed([handler('t', { on: 'text' })], text('a'), push('image'), event('CLICK')).names).toEqual([
      't',
      undefined,
      undefined,
    ]);
  });

  test('a list takes each of its types', () => {
    const { names } = routed(
      [handler('l', { on: ['text', 'event:CLICK'] })],
      text('a'),
      push('image'),
      event('CLICK'),
      event('VIEW'),
    );
    expect(names).toEqual(['l', undefined, 'l', undefined]);
  });

  test('message takes every message and no event, event every event, any all; of unknown types too', () => {
    const pushes = [text('a'), push('never_heard_of'), event('CLICK'), event('never_heard_of')];
    expect(routed([handler('m', { on: 'message' })], ...pushes).names).toEqual(['m', 'm', undefined, undefined]);
    expect(routed([handler('e', { on: 'event' })], ...pushes).names).toEqual([undefined, undefined, 'e', 'e']);
    expect(routed([handler('a', { on: 'any' })], ...pushes).names).toEqual(['a', 'a', 'a', 'a']);
  });

  test('an event has its name in any case, known or not', () => {
    const known = [event('SCAN'), event('scan'), event('Scan')];
    expect(routed([handler('s', { on: 'event:SCAN' })], ...known).names).toEqual(['s', 's', 's']);
    const unknown = [event('brand_new'), event('BRAND_NEW')];
    expect(routed([handler('n', { on: 'event:Brand_New' })], ...unknown).names).toEqual(['n', 'n']);
  });

  test('a new type of message is named by message:NAME, and known types are heard in any case', () => {
    const named = [handler('d', { on: 'message:device_text' })];
    expect(routed(named, push('device_text'), push('Device_Text'), push('device_event'), text('a')).names).toEqual([
      'd',
      'd',
      undefined,
      undefined,
    ]);
    expect(routed([handler('t', { on: 'text' })], push('TEXT', { Content: 'a' })).names).toEqual(['t']);
  });

  test('a sticker is unsupported and a message, not a text', () => {
    const sticker = text('【收到不支持的消息类型，暂无法显示】');
    const names = ['text', 'unsupported', 'message', 'any'] as const;
    const takes = names.filter((on) => routed([handler('h', { on })], sticker).names[0] === 'h');
    expect(takes).toEqual(['unsupported', 'message', 'any']);
  });

  test('the first that matches takes the push', () => {
    const handlers = [
      handler('exact', { on: 'text', match: 'hi' }),
      handler('all texts', { on: 'text' }),
      handler('never', { on: 'text', match: 'hi' }),
      handler('fallback', { on: 'any' }),
    ];
    expect(routed(handlers, text('hi'), text('ho'), push('image')).names).toEqual(['exact', 'all texts', 'fallback']);
  });

  test('a push that nobody wants goes nowhere', () => {
    expect(routed([], text('hi')).routes).toEqual([undefined]);
  });
});

describe('what is matched', () => {
  const find = (match: AnyHandler['match'], one: ReturnType<typeof push>) =>
    routed([handler('h', { match })], one).names[0] === 'h';

  test('is the Content of a text, the whole of it for a string', () => {
    expect(find('hi', text('hi'))).toBe(true);
    expect(find('hi', text('hi there'))).toBe(false);
    expect(find('hi', text('Hi'))).toBe(false);
    expect(find(/there$/, text('hi there'))).toBe(true);
  });

  test('is what was heard in a voice', () => {
    expect(find(/weather/, push('voice', { MediaId: 'm', Format: 'amr', Recognition: 'the weather, please' }))).toBe(
      true,
    );
    expect(find(/weather/, push('voice', { MediaId: 'm', Format: 'amr' }))).toBe(false);
  });

  test('is the key of an event, without the qrscene_ that a new follower’s scan has', () => {
    expect(find('shop-7', event('subscribe', { EventKey: 'qrscene_shop-7' }))).toBe(true);
    expect(find('shop-7', event('SCAN', { EventKey: 'shop-7' }))).toBe(true);
    expect(find('qrscene_', event('subscribe', { EventKey: 'qrscene_qrscene_' }))).toBe(true);
    expect(find('MENU_A', event('CLICK', { EventKey: 'MENU_A' }))).toBe(true);
  });

  test('is the key to the letter, the qrscene_ of any other event with it', () => {
    expect(find('last_trade_no_1', event('subscribe', { EventKey: 'last_trade_no_1' }))).toBe(true);
    for (const name of ['SCAN', 'CLICK']) {
      expect(find('qrscene_1', event(name, { EventKey: 'qrscene_1' }))).toBe(true);
      expect(find('1', event(name, { EventKey: 'qrscene_1' }))).toBe(false);
    }
    for (const key of ['menu_a', ' MENU_A', 'ＭＥＮＵ_Ａ', 'MENU_A。'])
      expect(find('MENU_A', event('CLICK', { EventKey: key }))).toBe(false);
  });

  test('is nothing where a push of a new type has something else under these names', () => {
    const strange = push('brand_new', {});
    for (const field of ['Content', 'Recognition', 'EventKey', 'bizmsgmenuid']) {
      Object.assign(strange, { [field]: ['a', 'b'] });
      expect(find('a', strange)).toBe(false);
      expect(find(/a/, strange)).toBe(false);
    }
  });

  test('is nothing where nothing was said', () => {
    expect(find(/./, push('image', { PicUrl: 'http://a', MediaId: 'm' }))).toBe(false);
  });
});

describe('a string is what is said', () => {
  const find = (match: string | RegExp, one: ReturnType<typeof push>) =>
    routed([handler('h', { match })], one).names[0] === 'h';
  const voice = (Recognition: string) => push('voice', { MediaId: 'm', Format: 'amr', Recognition });

  test.each(['帮助', ' 帮助 ', '帮助\n', '\u3000帮助\u3000', '\ufeff帮助'])('in a text %j', (said) => {
    expect(find('帮助', text(said))).toBe(true);
    expect(find(' 帮助', text(said))).toBe(true);
  });

  test.each(['OK', 'ＯＫ', 'OＫ ', ' OK'])('in a text %j, whose letters may be full-width', (said) => {
    expect(find('OK', text(said))).toBe(true);
    expect(find('ＯＫ', text(said))).toBe(true);
  });

  test.each(['帮助。', '帮助！', '帮助?', '帮助？', '帮助，', '帮助…', '帮助～', ' 帮助。 ', '帮助。。', '帮助'])(
    'in a voice %j, whose last punctuation was not said',
    (said) => {
      expect(find('帮助', voice(said))).toBe(true);
      expect(find('帮助？', voice(said))).toBe(true);
      expect(matchOf('帮助', voice(said))).toBe('帮助');
    },
  );

  test.each(['帮助。', '帮助！', '帮助?', '请帮助', '帮 助', 'ok'])('and not in a text %j', (said) => {
    expect(find(said === 'ok' ? 'OK' : '帮助', text(said))).toBe(false);
  });

  test.each(['请帮助。', '帮助（', '', '。', '“帮助”'])('and not in a voice %j', (said) => {
    expect(find('帮助', voice(said))).toBe(false);
    expect(find('', voice(said))).toBe(false);
  });

  test('also where all of it is punctuation', () => {
    expect(find('？', text('?'))).toBe(true);
    expect(find('?', voice('。'))).toBe(false);
  });

  test('while a RegExp and a function see what came, to the letter', () => {
    expect(find(/^帮助$/, voice('帮助。'))).toBe(false);
    expect(find(/^ ＯＫ。$/, text(' ＯＫ。'))).toBe(true);
    const seen: string[] = [];
    routed([handler('h', { match: (one: { Content: string }) => seen.push(one.Content) })], text(' ＯＫ。'));
    expect(new Set(seen)).toEqual(new Set([' ＯＫ。']));
  });
});

describe('what match is then', () => {
  test('undefined without a match', () => {
    expect(routed([handler('h', {})], text('hi')).routes[0]).toHaveProperty('match', undefined);
  });

  test('the string itself', () => {
    expect(matchOf('hi', text('hi'))).toBe('hi');
  });

  test('what a RegExp found, with its groups; one that took no part is empty', () => {
    const found = matchOf(/^(?<what>\w+)(?: in (?<where>\w+))?$/, text('weather')) as { groups: object };
    expect([...(found as unknown as string[])]).toEqual(['weather', 'weather', '']);
    expect(found.groups).toEqual({ what: 'weather', where: '' });
    expect(matchOf(/(\d)(x)?/, text('1'))).toEqual(['1', '1', '']);
  });

  test('what a function returned, where that is truthy; the function gets the push', () => {
    const double = (one: { Content?: string }) => ({ twice: Number(one.Content) * 2 });
    expect(matchOf(double, text('21'))).toEqual({ twice: 42 });
    for (const nothing of [undefined, null, false, 0, '', Number.NaN])
      expect(routed([handler('h', { match: () => nothing })], text('a')).names).toEqual([undefined]);
  });

  test('nothing where a function throws: the next handler gets its chance, and the error is told', () => {
    const broken = handler('broken', {
      match: () => {
        throw new Error('typo');
      },
    });
    const { names, errors } = routed([broken, handler('next', {})], text('a'));
    expect(names).toEqual(['next']);
    expect(errors[0]).toEqual(['broken', new Error('typo')]);
  });

  test('nothing where a function is async: a promise is no answer, and its failure ends nobody', () => {
    const handlers = [
      handler('late', { match: async () => true }),
      handler('fails', { match: () => Promise.reject(new Error('unhandled')) }),
      handler('next', {}),
    ];
    const { names, errors } = routed(handlers, text('a'));
    expect(names).toEqual(['next']);
    expect(errors.map(([name]) => name)).toEqual(expect.arrayContaining(['late', 'fails']));
    expect(errors[0]?.[1]).toMatchObject({ message: expect.stringContaining('async') });
  });
});

describe('on its way through a job', () => {
  const travelled = (match: unknown) => matchFromJson(JSON.parse(JSON.stringify({ match: matchToJson(match) })).match);

  test('what a RegExp found keeps its groups, by number and by name', () => {
    const found = matchOf(/^(?<what>\w+) (\w+)$/, text('weather 北京'.replace('北京', 'Berlin')));
    const after = travelled(found) as string[] & { groups: object };
    expect([...after]).toEqual(['weather Berlin', 'weather', 'Berlin']);
    expect(after.groups).toEqual({ what: 'weather' });
    expect(travelled(matchOf(/(a)(b)?/, text('a')))).toEqual(['a', 'a', '']);
  });

  test.each([
    ['undefined', undefined],
    ['a string', 'hi'],
    ['true', true],
    ['a number', 42],
    ['a list', [1, 'a', null]],
    ['an object', { a: { b: [1] } }],
    ['an object with groups and a list', { list: 'shopping', groups: 2 }],
  ])('%s stays what it is', (_, match) => {
    expect(travelled(match)).toEqual(match);
  });
});
