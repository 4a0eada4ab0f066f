import type { Redis } from 'ioredis';
import { metaKey } from './keys.ts';

/** Longer than anything waits, in a lane or in `dead`, before somebody decides. Seconds. */
const KEPT = 30 * 86_400;

const keyOf = (prefix: string, handler: string) => `${metaKey(prefix)}:rerouted:${handler}`;

/** From now on, and for 30 days, what waits for a handler that no worker knows is run by another. */
export const reroute = (redis: Redis, prefix: string, handler: string, heir: string) =>
  redis.set(keyOf(prefix, handler), heir, 'EX', KEPT);

/** Which handler runs what waits for one that is gone. */
export const heirOf = async (redis: Redis, prefix: string, handler: string): Promise<string | undefined> =>
  (await redis.get(keyOf(prefix, handler))) ?? undefined;
