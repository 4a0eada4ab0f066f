import type { Redis } from 'ioredis';
import type { UserId } from './keys.ts';

/**
 * How many customer-service messages a user's window still allows, by our own count; `undefined` where nothing is known of
 * it. There is no call to ask WeChat.
 */
export async function sendsLeft(redis: Redis, tag: string, user: UserId): Promise<number | undefined> {
  const [left, ends] = await redis.hmget(`${tag}:window:${user}`, 'left', 'ends');
  if (left === null || left === undefined || Number(ends) <= Date.now()) return undefined;
  return Math.max(0, Number(left));
}
