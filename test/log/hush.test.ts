import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hush, wordsOf } from '../../src/hush.ts';

const push = {
  MsgType: 'text',
  FromUserName: 'oSecretOpenid',
  Content: 'my card is 6222 0212',
  Nested: { Url: 'a/b' },
};

/** What an error says in a log or a trace. */
const said = (message: string, words: readonly string[] = wordsOf(push)) => hush(new Error(message), words).message;

test('an error of a handler keeps what its code says, and nothing of what its user wrote', async () => {
  const url = await fetch('not an address, 张三').catch((error: TypeError) => error);
  expect(said((url as Error).message, ['not an address, 张三'])).toBe('Failed to parse URL from …');
  const json = (() => {
    try {
      return JSON.parse('my "card" is 6222 0212');
    } catch (error) {
      return error as Error;
    }
  })();
  expect(said(json.message)).not.toMatch(/card|6222/);
  expect(said('no answer for {"q":"MY CARD IS 6222"} of oSecretOpenid: 503')).not.toMatch(/card|6222|Secret/i);
  expect(said('GET /?q=%E5%BC%A0%E4%B8%89 failed', ['张三'])).toBe('GET /?q=… failed');
  expect(said('查无张三此人', ['我是张三'])).toBe('查无…此人');
  expect(said('connect ECONNREFUSED 127.0.0.1:80')).toBe('connect ECONNREFUSED 127.0.0.1:80');
});

test('its name, its code and where it was thrown stay; what follows in its message’s other lines does not', () => {
  const error = Object.assign(new TypeError('first line\nmy card is'), { code: 'E_CARD' });
  const { name, code, stack } = hush(error, wordsOf(push)) as Error & { code: string };
  expect([name, code]).toEqual(['TypeError', 'E_CARD']);
  expect(stack).toContain('hush.test.ts');
  expect(stack).not.toContain('card');
});

test('whatever surrounds them, no word of four characters, and no eight in a row, of what a user wrote are left', () => {
  const words = fc.string({ minLength: 4, maxLength: 40, unit: 'grapheme' });
  fc.assert(
    fc.property(words, fc.string({ maxLength: 50 }), fc.string({ maxLength: 50 }), (word, before, after) => {
      const left = said(`${before}${word}${after}`, [word]);
      for (let at = 0; at + 4 <= word.length; at++) {
        const four = word.slice(at, at + 4);
        if (!/\s/.test(four)) expect(left).not.toContain(four);
        if (at + 8 <= word.length) expect(left).not.toContain(word.slice(at, at + 8));
      }
    }),
  );
});

test('what anybody says stays', () => {
  expect(said('WECHAT_APP_SECRET is needed to call the API', ['who is there'])).toBe(
    'WECHAT_APP_SECRET is needed to call the API',
  );
});
