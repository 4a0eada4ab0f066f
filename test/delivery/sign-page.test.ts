import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { signPage, verifyPage } from '../../src/delivery/sign-page.ts';

const key = Buffer.from('0123456789abcdef0123456789abcdef');
const id = 'Qk3xV9bT';
const expires = Date.UTC(2030, 0, 1);
const now = expires - 1000;
const token = signPage({ key, id, expires });

describe('the link to a page', () => {
  test('opens it until it expires, and no longer', () => {
    expect(verifyPage({ key, token, now })).toBe(id);
    expect(verifyPage({ key, token, now: expires - 1 })).toBe(id);
    expect(verifyPage({ key, token, now: expires })).toBeUndefined();
    expect(verifyPage({ key, token, now: expires + 1e12 })).toBeUndefined();
  });

  test('is the same each time, and can stand in an address as it is', () => {
    expect(signPage({ key, id, expires })).toBe(token);
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.integer({ min: 1, max: 1e14 }), (any, at) => {
        fc.pre(any.isWellFormed());
        const made = signPage({ key: 'any key', id: any, expires: at });
        expect(made).toMatch(/^[\w.-]+$/);
        expect(encodeURIComponent(made)).toBe(made);
        expect(verifyPage({ key: 'any key', token: made, now: at - 1 })).toBe(any);
      }),
    );
  });

  test('opens nothing with another key', () => {
    expect(verifyPage({ key: Buffer.from(key).fill(0, 0, 1), token, now })).toBeUndefined();
    expect(verifyPage({ key: '', token, now })).toBeUndefined();
  });

  test('opens nothing when one character of it is another, is missing, or is added', () => {
    for (let at = 0; at < token.length; at++) {
      for (const other of 'AQgw_-.z0 =/%')
        if (other !== token[at])
          expect(verifyPage({ key, token: token.slice(0, at) + other + token.slice(at + 1), now })).toBeUndefined();
      expect(verifyPage({ key, token: token.slice(0, at) + token.slice(at + 1), now })).toBeUndefined();
      expect(verifyPage({ key, token: `${token.slice(0, at)}A${token.slice(at)}`, now })).toBeUndefined();
    }
    for (const none of [
      '',
      '.',
      '..',
      'a.b.c',
      `${token}.`,
      `${token}\n`,
      token.toUpperCase(),
      '\u0000',
      '长'.repeat(100),
    ])
      expect(verifyPage({ key, token: none, now })).toBeUndefined();
  });

  test('of another page or time does not lend its signature', () => {
    const [mine = '', when = '', mac = ''] = token.split('.');
    const [other = ''] = signPage({ key, id: randomUUID(), expires }).split('.');
    const [, later = ''] = signPage({ key, id, expires: expires + 1e9 }).split('.');
    expect(verifyPage({ key, token: [other, when, mac].join('.'), now })).toBeUndefined();
    expect(verifyPage({ key, token: [mine, later, mac].join('.'), now })).toBeUndefined();
  });

  test.each([
    ['without an id', { key, id: '', expires }],
    ['that never ends', { key, id, expires: Number.POSITIVE_INFINITY }],
    ['that ends at no time', { key, id, expires: Number.NaN }],
    ['that ended before all time', { key, id, expires: -1 }],
  ])('%s is a mistake', (_, link) => {
    expect(() => signPage(link)).toThrow(TypeError);
  });
});
