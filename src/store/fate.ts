// What became of a message that a program left for a follower.
import type { Redis } from 'ioredis';
import { keyOfId } from './entries.ts';
import { isWorkerAlive } from './heartbeat.ts';
import { laneId, type Names, type PushKey, userOfKey } from './keys.ts';
import { readEntry } from './lanes.ts';
import { DELIVER } from './queues.ts';
import { readTrace } from './trace.ts';

export type Fate =
  /** It waits in the outbound lane. `alive`: a worker is there that sends it; `last`: what has happened to it so far. */
  | { readonly state: 'waiting'; readonly alive: boolean; readonly last: string }
  | { readonly state: 'sent' }
  /** It may only be sent when its follower writes again, and is kept 7 days for that. */
  | { readonly state: 'parked' }
  /** WeChat refuses it: 40003, say, where nobody of this openid follows the account. It is in `dead`. */
  | { readonly state: 'given up'; readonly reason: string };

const GIVEN_UP = /^given up: (.*)$/;

/** Looks where the message is now; one that is nowhere any more, and was not given up on, was sent. */
export async function fateOf(redis: Redis, names: Names, key: PushKey): Promise<Fate> {
  const user = userOfKey(key);
  const tag = names.tagOf(user);
  const steps = await readTrace(redis, names, { key });
  const [reason] = steps.flatMap(({ what }) => GIVEN_UP.exec(what)?.[1] ?? []);
  if (reason !== undefined) return { state: 'given up', reason };
  const isIn = async (list: string) =>
    (await redis.lrange(list, 0, -1)).some((line) => keyOfId(readEntry(line).id) === key);
  if (await isIn(`${tag}:lane:${laneId(DELIVER, user)}`))
    return { state: 'waiting', alive: await isWorkerAlive(redis, tag), last: steps.at(-1)?.what ?? '' };
  return { state: (await isIn(`${tag}:parked:${user}`)) ? 'parked' : 'sent' };
}
