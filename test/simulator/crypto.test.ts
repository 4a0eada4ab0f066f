import { describe, expect, test } from 'vitest';
import { decrypt, encrypt, sign } from '../../src/simulator/crypto.ts';
import { ciphertexts, repeatable, urlSignatures } from './fixtures.ts';

describe('the published examples', () => {
  test.each(urlSignatures)('$id: the URL signature is reproduced', ({ token, timestamp, nonce, url_signature }) => {
    expect(sign(token, timestamp, nonce)).toBe(url_signature);
  });

  test.each(ciphertexts)('$id: the ciphertext is signed so, and opens', (example) => {
    const { token, timestamp, nonce, encodingAESKey, appid } = example;
    expect(sign(token, timestamp, nonce, example.encrypt)).toBe(example.msg_signature);
    expect(decrypt(example.encrypt, { encodingAESKey, appId: appid })).toBe(example.plain);
  });

  test.each(repeatable)('$id: encrypting with the same random bytes gives the same ciphertext', (example) => {
    const keys = { encodingAESKey: example.encodingAESKey, appId: example.appid };
    expect(encrypt(example.plain, keys, Buffer.from(example.random))).toBe(example.encrypt);
  });
});

describe('a ciphertext that is wrong says how', () => {
  const [example] = ciphertexts;
  const keys = { encodingAESKey: example!.encodingAESKey, appId: example!.appid };

  test('another AppID inside', () => {
    expect(() => decrypt(example!.encrypt, { ...keys, appId: 'wxother' })).toThrow('AppID');
  });
  test('another key', () => {
    const encodingAESKey = 'B'.repeat(43);
    expect(() => decrypt(example!.encrypt, { ...keys, encodingAESKey })).toThrow('EncodingAESKey');
  });
  test('not a whole block', () => {
    expect(() => decrypt('AAAA', keys)).toThrow('multiple');
  });
  test('a key that is no EncodingAESKey', () => {
    expect(() => encrypt('x', { ...keys, encodingAESKey: 'short' })).toThrow('WECHAT_ENCODING_AES_KEY');
  });
});
