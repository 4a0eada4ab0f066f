// Answers that wait for their users to write, as an operator sees them.
import type { Redis } from 'ioredis';
import { keyOfId, readAnswerEntry } from './entries.ts';
import type { Names, UserId } from './keys.ts';
import { PARKED_TTL, readEntry } from './lanes.ts';
import { runScript } from './scripts.ts';

/** What is parked for one user. */
export interface ParkedAnswer {
  /** The push that the oldest of it answers. */
  readonly key: string;
  readonly handler: string;
  readonly parts: number;
  /** Milliseconds since 1970: when the oldest of it was ready, and when all is dropped if the user does not write. */
  readonly since: number;
  readonly until: number;
}

/** All users for whom something is parked, with the time in milliseconds until when it is kept; the scripts know it too. */
const indexKey = (tag: string) => `${tag}:parked`;
const AT_ONCE = 500;

/** For how many users answers are parked, and for how many seconds nothing has changed for the one who has waited longest. */
export async function countParked(redis: Redis, tags: readonly string[]): Promise<{ users: number; seconds: number }> {
  const read = async (tag: string) => {
    const [count, first] = await Promise.all([
      redis.zcard(indexKey(tag)),
      redis.zrange(indexKey(tag), 0, '0', 'WITHSCORES'),
    ]);
    const left = first[1] === undefined ? PARKED_TTL : (Number(first[1]) - Date.now()) / 1000;
    return { count, seconds: Math.max(0, PARKED_TTL - left) };
  };
  const all = await Promise.all(tags.map(read));
  return {
    users: all.reduce((sum, { count }) => sum + count, 0),
    seconds: Math.max(...all.map(({ seconds }) => seconds)),
  };
}

/** All that is parked, by when it is dropped. */
export async function* listParked(redis: Redis, names: Names): AsyncGenerator<ParkedAnswer> {
  for (const tag of names.tags())
    for (let from = 0; ; from += AT_ONCE) {
      const found = await redis.zrange(indexKey(tag), from, String(from + AT_ONCE - 1), 'WITHSCORES');
      if (found.length === 0) break;
      const users = found.flatMap((user, i) => (i % 2 === 0 ? [{ user, until: Number(found[i + 1]) }] : []));
      const parked = await Promise.all(users.map(({ user, until }) => readParked(redis, tag, user, until)));
      yield* parked.filter((one) => one !== undefined);
    }
}

async function readParked(redis: Redis, tag: string, user: UserId, until: number): Promise<ParkedAnswer | undefined> {
  const key = `${tag}:parked:${user}`;
  const [first, parts] = await Promise.all([redis.lindex(key, 0), redis.llen(key)]);
  // He may have written just now.
  if (first === null) return undefined;
  const { id, arrivedAt, json } = readEntry(first);
  return { key: keyOfId(id), handler: readAnswerEntry(json).handler, parts, since: arrivedAt, until };
}

/** Drops what its users have not written for. Returns what that was. */
export async function dropOldParked(redis: Redis, tag: string): Promise<{ key: string; parts: number }[]> {
  const dropped = await runScript<(string | number)[]>(redis, 'expireParked', [tag], [AT_ONCE]);
  return dropped.flatMap((key, i) => (i % 2 === 0 ? [{ key: String(key), parts: Number(dropped[i + 1]) }] : []));
}
