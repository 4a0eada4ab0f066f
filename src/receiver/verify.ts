import type { Account } from '../config.ts';
import { MessageCipher, sealReply } from '../wechat/cipher.ts';
import { SignatureError } from '../wechat/errors.ts';
import { isJson, JSON_ADVICE } from '../wechat/json.ts';
import { cutEncrypt } from '../wechat/parse.ts';
import { isSignedBy } from '../wechat/signature.ts';
import { NotKeptError } from './accept.ts';

export type Query = Readonly<Record<string, string | string[] | undefined>>;

/** A push that is WeChat's: its XML, and the form in which its reply has to go back. */
export interface Verified {
  readonly xml: string;
  readonly encrypted: boolean;
  /** Makes the HTTP body of a passive reply. */
  seal(reply: string): string;
}

/** Whether plain pushes are still taken where a key is configured; see WECHAT_ENCRYPTION=auto. */
export interface ModeMemory {
  /** An encrypted push has been seen: plain ones are forgeries from now on. `undefined`: Redis has not been asked yet. */
  readonly encryptedOnly: boolean | undefined;
}

export interface Verifier {
  /** GET: returns the echostr to answer with. Throws {@link SignatureError}. */
  verifyUrl(query: Query, now: number): string;
  /**
   * POST, before its body is read: what the query alone proves. Throws {@link SignatureError}, so that a request that is not
   * WeChat's costs no more than its headers. In the encrypted modes too `signature` is there and valid.
   */
  checkQuery(query: Query, now: number): void;
  /**
   * POST, once {@link checkQuery} has passed: `signature` covers no body, `msg_signature` does. Throws {@link SignatureError}
   * before anything is decrypted or parsed. `now` is in milliseconds.
   */
  verifyPush(query: Query, body: string, now: number): Verified;
}

/** The signature does not cover the echostr, so whoever saw one valid URL could have us answer anything. */
const ECHOSTR = /^[A-Za-z0-9+/=_-]{1,256}$/;

export function createVerifier(account: Account, maxAge: number, mode: ModeMemory): Verifier {
  const { tokens, encryption } = account;
  const keys = encryption === 'plain' ? [] : account.aesKeys;
  const ciphers = keys.map((key) => new MessageCipher(key, account.appId));

  const checkAge = (timestamp: string, now: number) => {
    if (!/^\d{1,12}$/.test(timestamp) || Math.abs(now / 1000 - Number(timestamp)) > maxAge)
      throw new SignatureError(
        'stale',
        `its timestamp is more than ${maxAge} s away from our clock: is the clock right?`,
      );
  };

  const checkQuery = (query: Query, now: number) => {
    const { signature, timestamp, nonce } = demand(query, 'signature', 'timestamp', 'nonce');
    if (!isSignedBy(tokens, signature, timestamp, nonce))
      throw new SignatureError('token', 'the signature is not that of WECHAT_TOKEN: is it the Token of the console?');
    checkAge(timestamp, now);
  };

  const decrypt = (encrypted: string): { xml: string; cipher: MessageCipher } => {
    let first: unknown;
    for (const cipher of ciphers) {
      try {
        return { xml: cipher.decrypt(encrypted), cipher };
      } catch (error) {
        first ??= error;
      }
    }
    throw first;
  };

  const verifyEncrypted = (query: Query, encrypted: string, now: number): Verified => {
    const { msg_signature, timestamp, nonce } = demand(query, 'msg_signature', 'timestamp', 'nonce');
    const token = isSignedBy(tokens, msg_signature, timestamp, nonce, encrypted);
    if (!token)
      throw new SignatureError('msg_signature', 'the msg_signature is not that of WECHAT_TOKEN and this body');
    const { xml, cipher } = decrypt(encrypted);
    const seconds = String(Math.floor(now / 1000));
    return { xml, encrypted: true, seal: (reply) => sealReply(reply, { cipher, token, timestamp: seconds, nonce }) };
  };

  return {
    verifyUrl(query, now) {
      checkQuery(query, now);
      const { echostr } = demand(query, 'echostr');
      if (!ECHOSTR.test(echostr)) throw new SignatureError('missing', 'the echostr is not one that WeChat sends');
      return echostr;
    },
    checkQuery,
    verifyPush(query, body, now) {
      const encrypted = ciphers.length > 0 ? cutEncrypt(body) : undefined;
      if (encrypted !== undefined) return verifyEncrypted(query, encrypted, now);
      const isSealed = query['encrypt_type'] === 'aes' && !body.includes('<MsgType>');
      const isPlainTaken = !(
        encryption === 'compatible' ||
        encryption === 'safe' ||
        (encryption === 'auto' && mode.encryptedOnly)
      );
      if (isJson(body) && (isSealed || !isPlainTaken)) throw new SignatureError('json', JSON_ADVICE);
      if (isSealed)
        throw new SignatureError('decrypt', 'the push is encrypted, but WECHAT_ENCODING_AES_KEY is not set');
      if (!isPlainTaken)
        throw new SignatureError('downgrade', 'the push is not encrypted, where only encrypted ones are taken');
      if (ciphers.length > 0 && mode.encryptedOnly === undefined)
        throw new NotKeptError(
          'the push is not encrypted, and Redis has not said yet whether such ones are still taken',
        );
      return { xml: body, encrypted: false, seal: (reply) => reply };
    },
  };
}

/** Parameters that must be there, once; a missing one is never turned into the text "undefined" and signed. */
function demand<N extends string>(query: Query, ...names: N[]): Record<N, string> {
  const entries = names.map((name) => {
    const value = query[name];
    if (typeof value !== 'string' || value === '')
      throw new SignatureError('missing', `the parameter ${name} is missing`);
    return [name, value];
  });
  return Object.fromEntries(entries) as Record<N, string>;
}
