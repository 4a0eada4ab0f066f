import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { TicketCache } from '../api/js-sdk.ts';
import type { TokenCache } from '../api/token.ts';
import { runScript } from './scripts.ts';

/** Longer than a fetch may take, so that two never fetch at once; a fetcher that died is forgotten after it. */
const LOCK_MS = 15_000;

/** A worker's connection waits for Redis; whoever needs a token does not, for the last one serves from memory. */
const PATIENCE_MS = 1000;

/** The access_token of one account, shared through Redis. */
export function createTokenCache(redis: Redis, accountTag: string): TokenCache {
  const key = `${accountTag}:token`;
  const lockKey = `${accountTag}:token:lock`;
  return {
    async read() {
      const [token, expiresAt, refreshAt] = await soon(redis.hmget(key, 'token', 'expiresAt', 'refreshAt'));
      return token ? { token, expiresAt: Number(expiresAt), refreshAt: Number(refreshAt) } : undefined;
    },
    async write({ token, expiresAt, refreshAt }) {
      await soon(redis.hset(key, { token, expiresAt, refreshAt }));
    },
    async expire(token) {
      await soon(runScript(redis, 'expireToken', [key], [token]));
    },
    async lock() {
      const mark = randomUUID();
      if ((await soon(redis.set(lockKey, mark, 'PX', LOCK_MS, 'NX'))) !== 'OK') return undefined;
      return async () => void (await soon(runScript(redis, 'unlock', [lockKey], [mark])));
    },
  };
}

/** The JS-SDK ticket of one account, likewise. */
export const createTicketCache = (redis: Redis, accountTag: string): TicketCache =>
  createTokenCache(redis, `${accountTag}:jsapi`);

function soon<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis did not answer within ${PATIENCE_MS} ms`)), PATIENCE_MS);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
