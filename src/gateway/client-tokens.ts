import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Client, type Clients, hashOf } from './clients.ts';

/** Seconds that a token is good for, as WeChat's are. */
export const TOKEN_LIFE = 7200;

/** Tokens of the gateway's own for clients that take it for WeChat. */
export interface ClientTokens {
  /** A token bound to this key of the client. */
  issue(client: Client, key: string): string;
  /** Whose token it is; `undefined` where it has expired, or the key that it is bound to is gone. */
  find(token: string): Client | undefined;
}

/** Letters, digits, `.`, `_` and `-`, which stand in a query as they are. */
const FORM = /^wxg\.(\d{1,12})\.([\w-]{16})\.([\w-]{43})\.([\w.-]{1,40})$/;

export const isClientToken = (text: string): boolean => text.startsWith('wxg.');

/**
 * Tokens that all gateways of an account know without keeping them: signed with what they share, and with the hash of the
 * client's key, so that a token dies with its key.
 */
export function createClientTokens(secret: string, clients: () => Clients, now = Date.now): ClientTokens {
  const signature = (keyHash: string, signed: string) =>
    createHmac('sha256', `wxrelay gateway token\0${secret}`).update(`${keyHash}\0${signed}`).digest();
  return {
    issue({ name }, key) {
      const end = Math.floor(now() / 1000) + TOKEN_LIFE;
      const nonce = randomBytes(12).toString('base64url');
      const mac = signature(hashOf(key), `${end}.${nonce}.${name}`);
      return `wxg.${end}.${nonce}.${mac.toString('base64url')}.${name}`;
    },
    find(token) {
      const [, end = '', nonce = '', mac = '', name = ''] = FORM.exec(token) ?? [];
      if (!name || Number(end) * 1000 <= now()) return undefined;
      const given = Buffer.from(mac, 'base64url');
      const named = clients().named(name);
      const isSigned = named?.keyHashes.some((hash) =>
        timingSafeEqual(signature(hash, `${end}.${nonce}.${name}`), given),
      );
      return isSigned ? named : undefined;
    },
  };
}
