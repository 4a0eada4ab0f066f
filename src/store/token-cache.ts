import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { TicketCache } from '../api/js-sdk.ts';
import {
  BETWEEN_FORCES,
  FORCES_A_DAY,
  type SharedToken,
  type StoredToken,
  type TokenCache,
  type TokenFailure,
  type Unusable,
} from '../api/token-cache.ts';
import { quotaDay } from '../wechat/quota-day.ts';
import { runScript } from './scripts.ts';
import { soon } from './soon.ts';

/** Longer than a fetch may take, so that two never fetch at once; a fetcher that died is forgotten after it. */
const LOCK_MS = 15_000;
const DEATHS_KEPT = 10;
const DAY_KEPT_S = 172_800;

const keysOf = (accountTag: string) => ({
  token: `${accountTag}:token`,
  lock: `${accountTag}:token:lock`,
  facts: `${accountTag}:token:facts`,
  deaths: `${accountTag}:token:deaths`,
  day: (at: number) => `${accountTag}:token:day:${quotaDay(at)}`,
});

/** The access_token of one account, and what is known of it, shared through Redis. */
export function createTokenCache(redis: Redis, accountTag: string): TokenCache {
  const keys = keysOf(accountTag);
  const countDay = async (at: number, what: 'fetches' | 'forces') => {
    const key = keys.day(at);
    await soon(redis.multi().hincrby(key, what, 1).expire(key, DAY_KEPT_S).exec());
  };
  return {
    read: () => readShared(redis, accountTag),
    async write({ token, expiresAt, refreshAt, standsUntil }) {
      const fields = { token, expiresAt, refreshAt, ...(standsUntil === undefined ? {} : { standsUntil }) };
      await soon(redis.multi().del(keys.token).hset(keys.token, fields).exec());
    },
    async expire(token, why, standsUntil = 0) {
      const args = [token, why, standsUntil];
      const refreshAt = await soon(runScript<string | null>(redis, 'expireToken', [keys.token], args));
      return refreshAt === null ? undefined : { refreshAt: Number(refreshAt) };
    },
    async lock() {
      const mark = randomUUID();
      if ((await soon(redis.set(keys.lock, mark, 'PX', LOCK_MS, 'NX'))) !== 'OK') return undefined;
      return async () => void (await soon(runScript(redis, 'unlock', [keys.lock], [mark])));
    },
    countFetch: (at) => countDay(at, 'fetches'),
    async countForce(at) {
      const [last, today] = await soon(
        Promise.all([redis.hget(keys.facts, 'forcedAt'), redis.hget(keys.day(at), 'forces')]),
      );
      if (Number(today) >= FORCES_A_DAY || at - Number(last) < BETWEEN_FORCES) return false;
      // Counted before it is done: a process that dies in between must not make it 21.
      await countDay(at, 'forces');
      await countDay(at, 'fetches');
      await soon(redis.hset(keys.facts, 'forcedAt', at));
      return true;
    },
    async fetched(at) {
      await soon(redis.multi().hset(keys.facts, 'fetchedAt', at).hdel(keys.facts, 'failures', 'askAt').exec());
    },
    async failed(failure, askAt) {
      const facts = redis.multi().hincrby(keys.facts, 'failures', 1);
      await soon(facts.hset(keys.facts, { lastError: JSON.stringify(failure), askAt }).exec());
    },
    async died(at) {
      const list = redis
        .multi()
        .lpush(keys.deaths, at)
        .ltrim(keys.deaths, 0, DEATHS_KEPT - 1);
      await soon(list.expire(keys.deaths, DAY_KEPT_S).exec());
      return (await soon(redis.lrange(keys.deaths, 0, -1))).map(Number).sort((a, b) => a - b);
    },
    async beginUnusable(unusable) {
      const args = [unusable.errcode, JSON.stringify(unusable), unusable.retryAt];
      return (await soon(runScript<number>(redis, 'beginUnusable', [keys.facts], args))) === 1;
    },
    async retryAt(at) {
      await soon(redis.hset(keys.facts, 'retryAt', at));
    },
    async endUnusable() {
      return (await soon(redis.hdel(keys.facts, 'unusable', 'unusableFor', 'retryAt'))) > 1;
    },
  };
}

async function readShared(redis: Redis, accountTag: string): Promise<SharedToken> {
  const keys = keysOf(accountTag);
  const [[token, expiresAt, refreshAt, refused, standsUntil], [unusable, retryAt, failures, askAt], fetches] =
    await soon(
      Promise.all([
        redis.hmget(keys.token, 'token', 'expiresAt', 'refreshAt', 'refused', 'standsUntil'),
        redis.hmget(keys.facts, 'unusable', 'retryAt', 'failures', 'askAt'),
        redis.hget(keys.day(Date.now()), 'fetches'),
      ]),
    );
  return {
    token: token
      ? {
          token,
          expiresAt: Number(expiresAt),
          refreshAt: Number(refreshAt),
          ...(standsUntil ? { standsUntil: Number(standsUntil) } : {}),
        }
      : undefined,
    refused: refused ?? undefined,
    unusable: unusable ? { ...(JSON.parse(unusable) as Unusable), retryAt: Number(retryAt) } : undefined,
    failures: Number(failures),
    askAt: Number(askAt),
    fetchesToday: Number(fetches),
  };
}

/** What a person may want to know of an account's token. */
export interface TokenFacts {
  readonly token: StoredToken | undefined;
  readonly fetchedAt: number | undefined;
  readonly lastError: TokenFailure | undefined;
  /** Since midnight in China, as WeChat's quota is assumed to count. Forced ones are among the fetches. */
  readonly fetchesToday: number;
  readonly forcesToday: number;
  /** When fresh tokens were refused, oldest first. */
  readonly diedEarly: readonly number[];
  readonly unusable: Unusable | undefined;
}

export async function readTokenFacts(redis: Redis, accountTag: string, now: number): Promise<TokenFacts> {
  const keys = keysOf(accountTag);
  const { token, unusable } = await readShared(redis, accountTag);
  const [fetchedAt, lastError] = await redis.hmget(keys.facts, 'fetchedAt', 'lastError');
  const [fetches, forces] = await redis.hmget(keys.day(now), 'fetches', 'forces');
  const deaths = await redis.lrange(keys.deaths, 0, -1);
  return {
    token,
    unusable,
    fetchedAt: fetchedAt ? Number(fetchedAt) : undefined,
    lastError: lastError ? (JSON.parse(lastError) as TokenFailure) : undefined,
    fetchesToday: Number(fetches),
    forcesToday: Number(forces),
    diedEarly: deaths.map(Number).sort((a, b) => a - b),
  };
}

/** The JS-SDK ticket of one account. */
export function createTicketCache(redis: Redis, accountTag: string): TicketCache {
  const key = `${accountTag}:jsapi`;
  return {
    async read() {
      const [token, expiresAt, refreshAt] = await soon(redis.hmget(key, 'token', 'expiresAt', 'refreshAt'));
      return token ? { token, expiresAt: Number(expiresAt), refreshAt: Number(refreshAt) } : undefined;
    },
    async write({ token, expiresAt, refreshAt }) {
      await soon(redis.hset(key, { token, expiresAt, refreshAt }));
    },
  };
}
