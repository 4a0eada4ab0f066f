import { hash, timingSafeEqual } from 'node:crypto';

/**
 * WeChat's signature: the lower-case hex SHA-1 of the sorted, joined parts. The URL's `signature` covers token, timestamp
 * and nonce; `msg_signature` covers the encrypted body too. (Official guide: 消息加解密说明, 接入指南.)
 */
export function sign(...parts: string[]): string {
  return hash('sha1', parts.sort().join(''));
}

/**
 * The token of the list (new and old, while one is being changed) that made the signature `given` over `parts`, or
 * undefined. Compared in constant time.
 */
export function isSignedBy(
  tokens: readonly string[],
  given: string | undefined,
  ...parts: string[]
): string | undefined {
  if (given === undefined) return undefined;
  const signature = Buffer.from(given);
  // With an empty token anybody could sign, so it never counts as one.
  return tokens.find((token) => token !== '' && equal(signature, Buffer.from(sign(token, ...parts))));
}

function equal(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
