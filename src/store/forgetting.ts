import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Names, UserId } from './keys.ts';
import { readMalformed, removeMalformed } from './malformed.ts';
import { DEAD, type Queues } from './queues.ts';
import { oweRewrite, rewriteLog } from './rewrite-log.ts';
import { runScript } from './scripts.ts';

/** A user to be erased from every store from `due` on, in milliseconds since 1970; without it, no longer. */
export interface Forgetting {
  readonly account: string;
  readonly openid: string;
  readonly due?: number;
  /** Seconds since 1970: when the event came to be that says so. */
  readonly since: number;
}

interface Store {
  readonly redis: Redis;
  readonly queues: Queues;
  readonly names: Names;
  readonly prefix: string;
}

/** Who is still to be erased, and when. */
const dueKey = (tag: string) => `${tag}:forget`;
/** What lies in a spool from before this time is not taken any more. */
const tombstoneKey = (tag: string, user: UserId) => `${tag}:forgotten:${user}`;
/** Longer than a spool should ever wait. Seconds. */
const SPOOLS_WAIT = 30 * 86_400;

/** A user's key below the tag of his partition: its kind, and for a lane's its queue, come before his name. */
const KEY_OF_USER =
  /^(?:(?:lane|state):[^:]+|trace|claim|limit|buried|window|parked|hold|follow|session|pages|blob):([\w.]{16})(?:$|[-:~])/;
/** A user with work waiting is left alone for so long, for what was acknowledged is done first. */
const PUT_OFF = 3_600_000;
const AT_ONCE = 500;
const SCAN_COUNT = 1000;
/** One process at a time. Longer than a pass over a large Redis takes. */
const LOCK_MS = 600_000;
/** A pass reads the name of every key there is; between two it is left alone for so many times as long as one took. */
const REST = 100;
/** How often it is looked whether a rewrite of the append-only file has ended that began too early. */
const LOOK = 200;

/** Notes whom to forget when; a user who follows again is not forgotten. */
export async function noteForgetting(redis: Redis, names: Names, whom: Forgetting): Promise<void> {
  const { account, openid, due, since } = whom;
  const user = names.userId(account, openid);
  const args = [user, `${user} ${openid}`, due ?? '', since, SPOOLS_WAIT];
  await runScript(redis, 'noteForgetting', [names.tagOf(user)], args);
}

/** Erases a user now, whatever waits, also from the append-only file. Returns how many keys went. */
export async function forgetUser(store: Store, account: string, openid: string): Promise<number> {
  const user = store.names.userId(account, openid);
  const tag = store.names.tagOf(user);
  const count = await erase(store, tag, new Map([[user, openid]]), await keysOf(store, tag, new Set([user])));
  while (!(await rewriteLog(store.redis, store.prefix))) await sleep(LOOK);
  return count;
}

/** Erases whose time has come, in one partition; a rewrite of the append-only file is owed then. Returns how many users. */
export async function forgetDue(store: Store, tag: string, now: number): Promise<number> {
  const { redis } = store;
  const lock = `${dueKey(tag)}:lock`;
  if ((await redis.zcount(dueKey(tag), '-inf', now)) === 0) return 0;
  if ((await redis.set(lock, '1', 'PX', LOCK_MS, 'NX')) !== 'OK') return 0;
  const started = Date.now();
  try {
    const found = await redis.zrangebyscore(dueKey(tag), '-inf', now, 'WITHSCORES', 'LIMIT', 0, AT_ONCE);
    const due = found.flatMap((member, i) => (i % 2 === 0 ? [{ member, since: Number(found[i + 1]) }] : []));
    const users = new Map(due.map(({ member }) => member.split(' ') as [UserId, string]));
    const keys = await keysOf(store, tag, new Set(users.keys()));
    for (const { member, since } of due) {
      const user = member.split(' ')[0] as UserId;
      // He may follow again by now.
      if ((await redis.zscore(dueKey(tag), member)) === null) users.delete(user);
      if (since + PUT_OFF > now && keys.some((key) => kindOf(tag, key) === 'lane' && userOf(tag, key) === user))
        users.delete(user);
    }
    if (users.size > 0) await erase(store, tag, users, keys);
    return users.size;
  } finally {
    await redis.pexpire(lock, Math.max(1, REST * (Date.now() - started)));
  }
}

/** All keys of some users. It reads the name of every key there is, so it is done for many users at once. */
async function keysOf({ redis }: Store, tag: string, users: ReadonlySet<UserId>): Promise<string[]> {
  const keys: string[] = [];
  for await (const found of redis.scanStream({ match: `${tag}:*`, count: SCAN_COUNT }))
    keys.push(...(found as string[]).filter((key) => users.has(userOf(tag, key))));
  return [...new Set(keys)];
}

async function erase(
  { redis, queues, prefix }: Store,
  tag: string,
  users: ReadonlyMap<UserId, string>,
  keys: readonly string[],
): Promise<number> {
  // First: what a receiver replays from now on is not theirs any more.
  const now = Date.now();
  for (const user of users.keys()) await redis.set(tombstoneKey(tag, user), now, 'EX', SPOOLS_WAIT);
  let count = 0;
  for (const key of keys.filter((one) => users.has(userOf(tag, one)))) {
    const name = key.slice(`${tag}:${kindOf(tag, key)}:`.length);
    if (kindOf(tag, key) === 'buried') await (await queues.get(tag, DEAD).getJob(name))?.remove();
    if (kindOf(tag, key) === 'lane') for (const index of ['oldest', 'check']) await redis.zrem(`${tag}:${index}`, name);
    if (kindOf(tag, key) === 'parked') await redis.zrem(`${tag}:parked`, userOf(tag, key));
    if (kindOf(tag, key) === 'pages')
      for (const id of await redis.zrange(key, '0', '-1')) count += await redis.unlink(`${tag}:page:${id}`);
    count += await redis.unlink(key);
  }
  const openids = [...users.values()];
  const bodies = await readMalformed(redis, prefix);
  const theirs = bodies.filter(({ body }) => openids.some((openid) => body.includes(openid)));
  await removeMalformed(redis, prefix, theirs);
  // Before the last trace of the task: whoever dies here leaves it to be done again.
  await oweRewrite(redis, prefix);
  await redis.zrem(dueKey(tag), ...[...users].map(([user, openid]) => `${user} ${openid}`));
  return count;
}

const userOf = (tag: string, key: string): UserId => KEY_OF_USER.exec(key.slice(tag.length + 1))?.[1] ?? '';
const kindOf = (tag: string, key: string): string => key.slice(tag.length + 1).split(':')[0] ?? '';
