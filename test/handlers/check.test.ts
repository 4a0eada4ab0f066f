import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { checkHandlers } from '../../src/handlers/check.ts';
import { menu, news, text } from '../../src/wechat/message.ts';

const FILE = 'workers/handlers/index.ts';
const good = { name: 'hi', on: 'text', reply: 'Hi' };

function problemsOf(handlers: unknown): readonly string[] {
  try {
    checkHandlers(handlers, FILE);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).problems;
  }
}
const problemsWith = (fields: object) => problemsOf([{ ...good, ...fields }]);

test('no queue can have the name of another kind of key in the same prefix', () => {
  const root = new URL('../../src/', import.meta.url);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(lua|ts)$/.test(name));
  const text = files.map((name) => readFileSync(new URL(name, root), 'utf8')).join('\n');
  const kinds = [...text.matchAll(/(?:\bT \.\. '|\b[tT]ag\}):([a-z]+)/g)].map(([, kind]) => kind as string);
  expect(kinds).toContain('lane');
  const accounts = ['token', 'media', 'capability'];
  const free = [...new Set(kinds)].filter((queue) => problemsWith({ queue }).length === 0);
  expect(free.filter((kind) => !accounts.includes(kind))).toEqual([]);
});

describe('handlers that are right', () => {
  test.each<[string, object]>([
    ['a quick value', { reply: 'Hi' }],
    ['a quick message', { reply: text('Hi') }],
    [
      'a quick message with many articles, which an event may get',
      { on: 'event', reply: news({ title: '1' }, { title: '2' }) },
    ],
    ['a quick function', { reply: () => 'Hi' }],
    ['slow work', { reply: undefined, run: async () => 'done' }],
    ['both', { run: () => undefined }],
    ['a list of what it listens to', { on: ['text', 'event:CLICK'] }],
    ['a group', { on: 'message' }],
    ['an event that is not known yet', { on: 'event:brand_new' }],
    ['a string to match', { match: 'hi' }],
    ['a RegExp', { match: /hi/i }],
    ['a function to match', { match: () => true }],
    ['every option', { timeout: 1000, attempts: 1, queue: 'models', concurrency: 2 }],
    ['the queue of all by its name', { queue: 'handle' }],
  ])('pass: %s', (_, fields) => {
    expect(problemsWith(fields)).toEqual([]);
  });

  test('come back as they are, in their order, with nothing to warn of', () => {
    const handlers = [good, { ...good, name: 'ho' }];
    expect(checkHandlers(handlers, FILE)).toEqual({ handlers, warnings: [] });
    expect(checkHandlers([], FILE).handlers).toEqual([]);
  });
});

describe('a mistake stops the start with a message that names file and handler, and says what to do', () => {
  test.each<[string, object, RegExp]>([
    [
      'a mistyped event',
      { on: 'subscribe' },
      /listens on "subscribe", which does not exist; did you mean 'event:subscribe'\?/,
    ],
    ['an event without its prefix, in another case', { on: 'click' }, /did you mean 'event:CLICK'/],
    [
      'a type that does not exist',
      { on: 'sticker' },
      /listens on "sticker".*use one of text, image, .*unsupported, 'message:NAME', 'event:NAME', 'message', 'event', 'any'/,
    ],
    ['a known type with a prefix', { on: 'message:text' }, /listens on "message:text".*did you mean 'text'\?/],
    ['a known type with a prefix, in another case', { on: 'message:Voice' }, /did you mean 'voice'\?/],
    ['a type that no name is', { on: 'message:' }, /listens on "message:", which does not exist/],
    ['one wrong of a list', { on: ['text', 'nope'] }, /listens on "nope"/],
    ['no on', { on: undefined }, /listens on undefined.*use one of text/],
    ['an on that is no text', { on: 42 }, /listens on 42/],
    ['an empty on', { on: [] }, /empty list.*on: 'text'/],
    [
      'neither reply nor run',
      { reply: undefined },
      /neither reply nor run: give it a quick "reply", a slow "run", or both/,
    ],
    [
      'a reply that is a number',
      { reply: 42 },
      /reply that is neither a string, a message such as text\('…'\), nor a function/,
    ],
    ['a reply that is a list', { reply: ['a'] }, /reply that is neither/],
    ['a reply that is null', { reply: null }, /reply that is neither/],
    ['an empty reply', { reply: '' }, /reply that WeChat would refuse.*empty/],
    ['a reply that is too long', { reply: '长'.repeat(683) }, /2049 bytes.*shorten it/],
    [
      'a reply that can only be sent',
      { reply: menu({ items: [{ id: '1', content: 'a' }] }) },
      /msgmenu.*customer-service/,
    ],
    ['a run that is no function', { run: 'done' }, /run that is not a function/],
    ['a match of another kind', { match: 42 }, /match that is neither a string, a RegExp nor a function/],
    ['a RegExp with a memory', { match: /a/g }, /flag g or y.*leave the flag out/],
    ['a sticky RegExp', { match: /a/y }, /flag g or y/],
    ['a timeout of nothing', { timeout: 0 }, /timeout.*milliseconds/],
    ['a timeout without end', { timeout: Number.POSITIVE_INFINITY }, /timeout/],
    ['a timeout beyond what a timer holds', { timeout: 2 ** 31 }, /timeout.*at most 2147483647/],
    ['attempts that are no number', { attempts: '3' }, /attempts that are not a whole number above 0/],
    ['half an attempt', { attempts: 0.5 }, /attempts/],
    ['a queue with a name of ours', { queue: 'deliver' }, /queue "deliver": use .* none of deliver, dead/],
    [
      'a queue with a name that Redis would not like',
      { queue: 'My Queue:1' },
      /queue "My Queue:1": use 2 to 32 small letters/,
    ],
    ['a concurrency without a queue', { concurrency: 2 }, /concurrency.*add queue, or set WXRELAY_CONCURRENCY/],
    ['a concurrency of nothing', { queue: 'models', concurrency: 0 }, /concurrency.*whole number above 0/],
    [
      'former names that are no list',
      { formerly: 'old' },
      /formerly that is not a list of names.*formerly: \['wether'\]/,
    ],
    ['a former name that could be none', { formerly: ['my weather'] }, /formerly/],
    ['a name with spaces', { name: 'my weather' }, /needs a name of letters, digits/],
  ])('%s', (_, fields, message) => {
    const problems = problemsWith(fields);
    expect(problems).toEqual([expect.stringMatching(message)]);
    expect(problems[0]).toMatch(/^workers\/handlers\/index\.ts: handlers\[0\] "(hi|my weather)" /);
  });

  test('a handler without a name is named by its place', () => {
    expect(problemsWith({ name: undefined })).toEqual([
      expect.stringMatching(/^workers\/handlers\/index\.ts: handlers\[0\] needs a name/),
    ]);
    expect(
      problemsOf([
        { ...good, name: undefined },
        { ...good, name: undefined },
      ]),
    ).toHaveLength(2);
  });

  test('two handlers of one name', () => {
    expect(problemsOf([good, { ...good, name: 'ho' }, { ...good, on: 'image' }])).toEqual([
      expect.stringMatching(/index\.ts: handlers\[2\] "hi" has the name of handlers\[0\].*give it another one/),
    ]);
  });

  test('a former name that is another handler’s', () => {
    expect(problemsOf([good, { ...good, name: 'ho', formerly: ['hi'] }])).toEqual([
      expect.stringMatching(/index\.ts: handlers\[1\] "ho" is formerly "hi", a name of handlers\[0\]/),
    ]);
    expect(
      problemsOf([
        { ...good, formerly: ['ho'] },
        { ...good, name: 'ho' },
      ]),
    ).toEqual([expect.stringMatching(/handlers\[1\] "ho" has the name of handlers\[0\]/)]);
  });

  test('two handlers that give one queue different slots', () => {
    const slow = { ...good, queue: 'models', concurrency: 2 };
    expect(problemsOf([slow, { ...slow, name: 'b', concurrency: 3 }])).toEqual([
      expect.stringMatching(/queue "models" different concurrency: give one number/),
    ]);
    expect(problemsOf([slow, { ...slow, name: 'b' }, { ...slow, name: 'c', concurrency: undefined }])).toEqual([]);
  });

  test.each([
    ['nothing', undefined],
    ['a function', () => []],
    ['an object', { hi: good }],
  ])('handlers that are %s and no array', (_, handlers) => {
    expect(problemsOf(handlers)).toEqual([
      expect.stringMatching(/index\.ts must export an array named "handlers": export const handlers/),
    ]);
  });

  test.each([
    ['null', null],
    ['undefined, as a mistyped import gives', undefined],
    ['a function', () => 'Hi'],
    ['a string', 'hi'],
  ])('an entry that is %s', (_, entry) => {
    expect(problemsOf([good, entry])).toEqual([
      expect.stringMatching(/handlers\[1\] is not a handler: export default handler/),
    ]);
  });

  test('all mistakes are told at once', () => {
    const problems = problemsOf([{ name: '!', on: 'nope', match: 1 }, null, good, good]);
    expect(problems).toHaveLength(6);
    expect(() => checkHandlers([{ name: '!', on: 'nope', match: 1 }], FILE)).toThrow(
      /cannot start:\n {2}- .*\n {2}- .*\n {2}- /,
    );
  });
});

test('options that are not known are ignored, with one warning a handler that names them all', () => {
  const { handlers, warnings } = checkHandlers(
    [
      { ...good, retries: 3, debounce: 100 },
      { ...good, name: 'ho' },
    ],
    FILE,
  );
  expect(handlers).toHaveLength(2);
  expect(warnings).toEqual([
    expect.stringMatching(/index\.ts: handlers\[0\] "hi" has options .* ignored: retries, debounce$/),
  ]);
});
