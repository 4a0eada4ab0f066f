import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { CONSOLE } from '../console.ts';
import { cdata } from './cdata.ts';
import { SignatureError } from './errors.ts';
import { sign } from './signature.ts';

/** The padding is PKCS#7 over blocks of 32 bytes, although an AES block has 16. */
const BLOCK = 32;
const AES_BLOCK = 16;
const RANDOM = 16;
const LENGTH = 4;

const AES_KEY = /^[A-Za-z0-9]{43}$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/**
 * The encryption of one account's pushes and passive replies: AES-256-CBC over
 * `random(16) + length(4, big endian) + text + AppID`. (Official guide: 消息加解密说明.)
 */
export class MessageCipher {
  readonly #key: Buffer;
  readonly #appId: string;

  /** @param encodingAESKey the 43 letters and digits of the console, {@link CONSOLE}.push. */
  constructor(encodingAESKey: string, appId: string) {
    if (!AES_KEY.test(encodingAESKey)) {
      throw new TypeError(
        `The EncodingAESKey must be 43 letters and digits: copy it again from the console, ${CONSOLE.push}.`,
      );
    }
    this.#key = Buffer.from(`${encodingAESKey}=`, 'base64');
    this.#appId = appId;
  }

  /** @returns base64. `random` (16 bytes) is for tests alone. */
  encrypt(text: string, random: Buffer = randomBytes(RANDOM)): string {
    const length = Buffer.alloc(LENGTH);
    length.writeUInt32BE(Buffer.byteLength(text));
    const message = Buffer.concat([random, length, Buffer.from(text), Buffer.from(this.#appId)]);
    const pad = BLOCK - (message.length % BLOCK);
    const cipher = createCipheriv('aes-256-cbc', this.#key, this.#key.subarray(0, AES_BLOCK)).setAutoPadding(false);
    return Buffer.concat([cipher.update(message), cipher.update(Buffer.alloc(pad, pad)), cipher.final()]).toString(
      'base64',
    );
  }

  /** @throws SignatureError with reason `decrypt` (another key, or altered) or `appid` (for another account). */
  decrypt(base64: string): string {
    const padded = this.#decipher(base64);
    // Neither sample code nor peers check all of the padding and the length; without that a wrong key yields garbage.
    const pad = padded.at(-1) as number;
    const end = padded.length - pad;
    if (pad < 1 || pad > BLOCK || end < RANDOM + LENGTH || !padded.subarray(end).every((byte) => byte === pad)) {
      throw undecryptable('bad padding');
    }
    const start = RANDOM + LENGTH;
    const length = padded.readUInt32BE(RANDOM);
    if (length > end - start) throw undecryptable('bad length');
    if (padded.toString('utf8', start + length, end) !== this.#appId) {
      throw new SignatureError('appid', 'The push was encrypted for another AppID than the configured one.');
    }
    return padded.toString('utf8', start, start + length);
  }

  #decipher(base64: string): Buffer {
    if (base64.length % 4 !== 0 || !BASE64.test(base64)) throw undecryptable('not base64');
    const bytes = Buffer.from(base64, 'base64');
    if (bytes.length % AES_BLOCK !== 0) throw undecryptable('bad ciphertext length');
    const decipher = createDecipheriv('aes-256-cbc', this.#key, this.#key.subarray(0, AES_BLOCK)).setAutoPadding(false);
    return Buffer.concat([decipher.update(bytes), decipher.final()]);
  }
}

function undecryptable(why: string): SignatureError {
  return new SignatureError('decrypt', `The push cannot be decrypted (${why}): does the EncodingAESKey differ?`);
}

/** Wraps a passive reply for an encrypted push. `success` and the empty answer stay as they are. */
export function sealReply(
  xml: string,
  options: { cipher: MessageCipher; token: string; timestamp: string | number; nonce: string; random?: Buffer },
): string {
  const { cipher, token, nonce, random } = options;
  const timestamp = String(options.timestamp);
  const encrypted = cipher.encrypt(xml, random);
  const signature = sign(token, timestamp, nonce, encrypted);
  return (
    `<xml><Encrypt>${cdata(encrypted)}</Encrypt><MsgSignature>${cdata(signature)}</MsgSignature>` +
    `<TimeStamp>${timestamp}</TimeStamp><Nonce>${cdata(nonce)}</Nonce></xml>`
  );
}
