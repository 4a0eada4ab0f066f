/** The signed link to the page of a long answer: who has the link may read it until it expires, and nobody can guess one. */
import { createHmac, timingSafeEqual } from 'node:crypto';

export interface PageLink {
  /** Any secret; the same in every process that signs or verifies. */
  readonly key: Buffer | string;
  /** Where the page is kept: random, for it is readable in the link; no openid and nothing made of one. */
  readonly id: string;
  /** When the link ends, in milliseconds since 1970. Rounded up to a second. */
  readonly expires: number;
}

/** The last segment of a page's address: letters, digits, `-`, `_` and two points. Throws a TypeError for an id or a time that is none. */
export function signPage({ key, id, expires }: PageLink): string {
  if (id === '' || !id.isWellFormed()) throw new TypeError('A page needs an id: a random one, such as randomUUID().');
  const seconds = Math.ceil(expires / 1000);
  if (!Number.isSafeInteger(seconds) || seconds <= 0) throw new TypeError(`A page cannot expire at ${expires}.`);
  return token(key, Buffer.from(id).toString('base64url'), seconds.toString(36));
}

export interface PageRequest {
  readonly key: Buffer | string;
  readonly token: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The id of the page, or undefined if the link was not signed with this key, was altered, or has expired. */
export function verifyPage({ key, token: given, now }: PageRequest): string | undefined {
  const [, id, expires] = /^([\w-]+)\.([\da-z]{1,10})\.[\w-]{43}$/.exec(given) ?? [];
  if (id === undefined || expires === undefined) return undefined;
  // The whole token is compared, so that there is one way alone to write it.
  const right = Buffer.from(token(key, id, expires));
  const received = Buffer.from(given);
  if (right.length !== received.length || !timingSafeEqual(right, received)) return undefined;
  return now < Number.parseInt(expires, 36) * 1000 ? Buffer.from(id, 'base64url').toString() : undefined;
}

/** The key may serve other ends too: the purpose is signed with the rest. */
function token(key: Buffer | string, id: string, expires: string): string {
  const mac = createHmac('sha256', key).update(`wxrelay page\n${id}\n${expires}`).digest('base64url');
  return `${id}.${expires}.${mac}`;
}
