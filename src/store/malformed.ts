import type { Redis } from 'ioredis';
import { metaKey } from './keys.ts';

/** A body under a good signature that is no push. It may hold a user's words, so it does not stay. */
export interface Malformed {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly why: string;
  /** Its beginning. */
  readonly body: string;
}

const KEPT = 100;
const DAY = 86_400_000;
const BODY_LENGTH = 2000;

/** Sorted by their `at`. */
const keyOf = (prefix: string) => `${metaKey(prefix)}:malformed`;

/** For so many days. Nobody waits for it. */
export function keepMalformed(redis: Redis, prefix: string, days: number, { at, why, body }: Malformed): void {
  const entry: Malformed = { at, why, body: body.slice(0, BODY_LENGTH) };
  redis
    .pipeline()
    .zadd(keyOf(prefix), at, JSON.stringify(entry))
    .zremrangebyrank(keyOf(prefix), 0, -KEPT - 1)
    .zremrangebyscore(keyOf(prefix), '-inf', at - days * DAY)
    // Where no worker is left to drop them.
    .pexpire(keyOf(prefix), days * DAY)
    .exec()
    .catch(() => undefined);
}

/** Drops what is older than so many days. */
export async function dropOldMalformed(redis: Redis, prefix: string, days: number, now: number): Promise<void> {
  await redis.zremrangebyscore(keyOf(prefix), '-inf', now - days * DAY);
}

/** The last ones, oldest first. */
export async function readMalformed(redis: Redis, prefix: string): Promise<Malformed[]> {
  return (await redis.zrange(keyOf(prefix), '0', '-1')).map((entry) => JSON.parse(entry));
}

export async function removeMalformed(redis: Redis, prefix: string, bodies: readonly Malformed[]): Promise<void> {
  for (const { at, why, body } of bodies) await redis.zrem(keyOf(prefix), JSON.stringify({ at, why, body }));
}
