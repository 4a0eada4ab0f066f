import { createCipheriv } from 'node:crypto';
import { assert, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MessageCipher, sealReply } from '../../src/wechat/cipher.ts';
import { SignatureError } from '../../src/wechat/errors.ts';
import { anyString, anyText } from './arbitrary.ts';
import { config, encryptedEnvelope, vectors } from './fixtures.ts';

const cipher = new MessageCipher(config.encodingAESKey, config.appid);

/** Encrypts bytes as they are, so that a test can write what an honest sender never would. */
function encryptRaw(bytes: Buffer): string {
  const key = Buffer.from(`${config.encodingAESKey}=`, 'base64');
  const aes = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([aes.update(bytes), aes.final()]).toString('base64');
}

function message(text: string, options: { length?: number; appId?: string; pad?: number[] } = {}): Buffer {
  const { length = Buffer.byteLength(text), appId = config.appid } = options;
  const size = Buffer.alloc(4);
  size.writeUInt32BE(length);
  const bare = Buffer.concat([Buffer.alloc(16, 'r'), size, Buffer.from(text + appId)]);
  const need = 32 - (bare.length % 32);
  return Buffer.concat([bare, Buffer.from(options.pad ?? new Array(need).fill(need))]);
}

function reasonOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof SignatureError) return error.reason;
    throw error;
  }
  return 'none';
}

describe('published cipher texts', () => {
  const all = vectors.filter(({ plain }) => plain !== undefined);

  test.each(all)('$id decrypts', ({ encodingAESKey, appid, encrypt, plain }) => {
    expect(new MessageCipher(encodingAESKey, appid).decrypt(encrypt)).toBe(plain);
  });

  test.each(all.filter(({ random }) => random !== undefined))('$id comes out the same when encrypted', (vector) => {
    const own = new MessageCipher(vector.encodingAESKey, vector.appid);
    expect(own.encrypt(vector.plain, Buffer.from(vector.random!, 'latin1'))).toBe(vector.encrypt);
  });

  test('some of them have more padding than an AES block', () => {
    expect(all.some(({ padLength = 0 }) => padLength > 16)).toBe(true);
  });
});

describe('decrypt', () => {
  test('returns what encrypt was given', () => {
    assert(
      property(anyText(), (any) => {
        // A lone surrogate cannot be written in UTF-8.
        const text = any.replace(/\p{Surrogate}/gu, '');
        expect(cipher.decrypt(cipher.encrypt(text))).toBe(text);
      }),
    );
  });

  test('takes each padding from 1 to 32', () => {
    for (let length = 0; length < 32; length++) {
      const text = 'x'.repeat(length);
      expect(cipher.decrypt(encryptRaw(message(text)))).toBe(text);
    }
  });

  test('refuses padding of 0, of 33, and padding that is not one number throughout', () => {
    const bare = message('hello').length - message('hello').at(-1)!;
    const need = 64 - bare;
    const pads = [new Array(need).fill(0), new Array(need).fill(33), [...new Array(need - 1).fill(need - 1), need]];
    for (const pad of pads)
      expect(reasonOf(() => cipher.decrypt(encryptRaw(message('hello', { pad }))))).toBe('decrypt');
    expect(cipher.decrypt(encryptRaw(message('hello', { pad: new Array(need).fill(need) })))).toBe('hello');
  });

  test('refuses a length that is longer than the message', () => {
    for (const length of [1_000, 0xffffffff]) {
      expect(reasonOf(() => cipher.decrypt(encryptRaw(message('hello', { length }))))).toBe('decrypt');
    }
  });

  test('refuses a message for another AppID, or one that only begins like ours', () => {
    for (const appId of ['wx_other', `${config.appid}x`, config.appid.slice(0, -1), '']) {
      expect(reasonOf(() => cipher.decrypt(encryptRaw(message('hello', { appId }))))).toBe('appid');
    }
  });

  test('refuses another key', () => {
    const other = new MessageCipher('A'.repeat(43), config.appid);
    expect(reasonOf(() => other.decrypt(cipher.encrypt('hello')))).toBe('decrypt');
  });

  test.each([
    ['nothing', ''],
    ['no base64', '!!!!'],
    [
      'base64 of the URL kind',
      cipher.encrypt('hello', Buffer.alloc(16, 'r')).replaceAll('+', '-').replaceAll('/', '_'),
    ],
    ['base64 with spaces', `${cipher.encrypt('hello').slice(0, -4)}    `],
    ['base64 without its end', cipher.encrypt('hello').slice(0, -1)],
    ['half an AES block', Buffer.alloc(40).toString('base64')],
    ['one AES block', Buffer.alloc(16).toString('base64')],
    ['only padding', encryptRaw(Buffer.alloc(32, 32))],
  ])('refuses %s', (_what, encrypted) => {
    expect(reasonOf(() => cipher.decrypt(encrypted))).toBe('decrypt');
  });

  test('throws SignatureError and nothing else', () => {
    assert(
      property(anyString(), (text) => {
        expect(reasonOf(() => cipher.decrypt(text))).toBe('decrypt');
        const bytes = Buffer.from(text.padEnd(32 * Math.ceil((text.length + 1) / 32), '\0'), 'latin1');
        expect(['none', 'decrypt', 'appid']).toContain(reasonOf(() => cipher.decrypt(bytes.toString('base64'))));
        expect(['none', 'decrypt', 'appid']).toContain(reasonOf(() => cipher.decrypt(encryptRaw(bytes))));
      }),
    );
  });
});

describe('MessageCipher', () => {
  test.each(['', 'short', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}=`, `${'A'.repeat(42)} `])(
    'refuses the EncodingAESKey %j and says where the right one is',
    (key) => {
      expect(() => new MessageCipher(key, config.appid)).toThrow(/43 letters and digits.*console/);
    },
  );

  test('encrypts the same text differently each time', () => {
    expect(cipher.encrypt('hello')).not.toBe(cipher.encrypt('hello'));
  });
});

test('sealReply wraps a reply as the official envelope', () => {
  const { config: own, plain, timestamp, nonce, encrypt, msgSignature, xml } = encryptedEnvelope;
  const sealed = sealReply(plain, {
    cipher: new MessageCipher(own.encodingAESKey, own.appid),
    token: own.token,
    timestamp,
    nonce,
    random: Buffer.from(own.random, 'latin1'),
  });
  expect(sealed).toBe(xml);
  expect(sealed).toContain(encrypt);
  expect(sealed).toContain(msgSignature);
});
