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
const DAY_SECONDS = 86_400;
const BODY_LENGTH = 2000;

const listKey = (prefix: string) => `${metaKey(prefix)}:malformed`;

/** For so many days. Nobody waits for it. */
export function keepMalformed(redis: Redis, prefix: string, days: number, { at, why, body }: Malformed): void {
  const entry: Malformed = { at, why, body: body.slice(0, BODY_LENGTH) };
  redis
    .pipeline()
    .lpush(listKey(prefix), JSON.stringify(entry))
    .ltrim(listKey(prefix), 0, KEPT - 1)
    .expire(listKey(prefix), days * DAY_SECONDS)
    .exec()
    .catch(() => undefined);
}

/** The last ones, oldest first. */
export async function readMalformed(redis: Redis, prefix: string): Promise<Malformed[]> {
  return (await redis.lrange(listKey(prefix), 0, -1)).reverse().map((entry) => JSON.parse(entry));
}

export async function removeMalformed(redis: Redis, prefix: string, bodies: readonly Malformed[]): Promise<void> {
  for (const { at, why, body } of bodies) await redis.lrem(listKey(prefix), 0, JSON.stringify({ at, why, body }));
}
