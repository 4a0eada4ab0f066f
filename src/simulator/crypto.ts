// WeChat's signing and message encryption, written here a second time on purpose: a stand-in that shared them with the
// receiver would agree with its bugs. https://developers.weixin.qq.com/doc/subscription/guide/dev/push/encryption
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** PKCS#7 pads to 32 although the AES block is 16; Node's own padding knows only 16. */
const PAD_BLOCK = 32;
const RANDOM_BYTES = 16;
const HEADER_BYTES = RANDOM_BYTES + 4;

/** sha1 over the sorted parts: `signature` of a URL (three parts) and `msg_signature` of a body (four). */
export function sign(...parts: string[]): string {
  return createHash('sha1').update(parts.sort().join('')).digest('hex');
}

export interface CipherKeys {
  encodingAESKey: string;
  appId: string;
}

/** What WeChat puts into `<Encrypt>`. `random` is an argument so that published ciphertexts can be reproduced. */
export function encrypt(message: string, keys: CipherKeys, random: Buffer = randomBytes(RANDOM_BYTES)): string {
  const body = Buffer.from(message);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const full = Buffer.concat([random, length, body, Buffer.from(keys.appId)]);
  const pad = PAD_BLOCK - (full.length % PAD_BLOCK);
  const key = aesKey(keys.encodingAESKey);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(full), cipher.update(Buffer.alloc(pad, pad)), cipher.final()]).toString('base64');
}

/** Opens an `<Encrypt>` value. Throws an Error that says which part of it is wrong. */
export function decrypt(encrypted: string, keys: CipherKeys): string {
  const bytes = Buffer.from(encrypted, 'base64');
  if (bytes.length === 0 || bytes.length % 16 !== 0) {
    throw new Error(`the ciphertext has ${bytes.length} bytes, which is no multiple of the AES block of 16`);
  }
  const key = aesKey(keys.encodingAESKey);
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(bytes), decipher.final()]);
  const pad = padded.at(-1) ?? 0;
  const end = padded.length - pad;
  if (pad < 1 || pad > PAD_BLOCK || end < HEADER_BYTES || padded.subarray(end).some((byte) => byte !== pad)) {
    throw new Error(
      'the decrypted padding is wrong: encrypted with another EncodingAESKey, or padded to 16 and not 32?',
    );
  }
  const bodyEnd = HEADER_BYTES + padded.readUInt32BE(RANDOM_BYTES);
  if (bodyEnd > end) throw new Error('the decrypted length field is larger than the message');
  const tail = padded.toString('utf8', bodyEnd, end);
  if (tail !== keys.appId) throw new Error(`the decrypted AppID is "${tail}" and not "${keys.appId}"`);
  return padded.toString('utf8', HEADER_BYTES, bodyEnd);
}

function aesKey(encodingAESKey: string): Buffer {
  const key = Buffer.from(`${encodingAESKey}=`, 'base64');
  if (encodingAESKey.length !== 43 || key.length !== 32) {
    throw new Error('EncodingAESKey has to be 43 letters and digits: check WECHAT_ENCODING_AES_KEY');
  }
  return key;
}
