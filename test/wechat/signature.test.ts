import { describe, expect, test } from 'vitest';
import { isSignedBy, sign } from '../../src/wechat/signature.ts';
import { vectors } from './fixtures.ts';

describe('published signatures', () => {
  const urls = vectors.flatMap(({ id, token, timestamp, nonce, signature, url_signature }) => {
    const given = signature ?? url_signature;
    return given ? [{ id, token, parts: [timestamp ?? 'None', nonce ?? 'None'], given }] : [];
  });
  const bodies = vectors.flatMap(({ id, kind, token, timestamp, nonce, encrypt, msg_signature }) =>
    msg_signature && timestamp && nonce && kind !== 'signature-must-fail'
      ? [{ id: `${id}, body`, token, parts: [timestamp, nonce, encrypt], given: msg_signature }]
      : [],
  );

  test.each([...urls, ...bodies])('$id is recognised', ({ token, parts, given }) => {
    expect(isSignedBy([token], given, ...parts)).toBe(token);
  });

  test('one over another nonce is not', () => {
    const vector = vectors.find(({ kind }) => kind === 'signature-must-fail')!;
    const { token, timestamp, nonce, encrypt, msg_signature } = vector;
    expect(isSignedBy([token], msg_signature, timestamp!, nonce!, encrypt)).toBeUndefined();
  });
});

describe('isSignedBy', () => {
  const given = sign('old', '1767225600', '42');

  test('names the token that signed, while one is being changed', () => {
    expect(isSignedBy(['new', 'old'], given, '1767225600', '42')).toBe('old');
  });

  test('takes no other token, part or order of letters', () => {
    expect(isSignedBy(['new'], given, '1767225600', '42')).toBeUndefined();
    expect(isSignedBy(['old'], given, '1767225601', '42')).toBeUndefined();
    expect(isSignedBy(['old'], given.toUpperCase(), '1767225600', '42')).toBeUndefined();
  });

  test('takes no missing, short, long or foreign signature, and does not throw', () => {
    for (const wrong of [undefined, '', given.slice(1), `${given}0`, '\u00e9'.repeat(20), '\u00e9'.repeat(40)]) {
      expect(isSignedBy(['old'], wrong, '1767225600', '42')).toBeUndefined();
    }
  });

  test('an empty token signs nothing: anybody could', () => {
    expect(isSignedBy([''], sign('', '1767225600', '42'), '1767225600', '42')).toBeUndefined();
  });
});
