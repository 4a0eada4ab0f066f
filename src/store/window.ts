import type { Redis } from 'ioredis';
import type { UserId } from './keys.ts';
import { runScript } from './scripts.ts';

/**
 * How many customer-service messages a user's window still allows, by our own count; `undefined` where nothing is known of
 * it. There is no call to ask WeChat.
 */
export async function sendsLeft(redis: Redis, tag: string, user: UserId): Promise<number | undefined> {
  const [left, ends] = await redis.hmget(`${tag}:window:${user}`, 'left', 'ends');
  if (left === null || left === undefined || Number(ends) <= Date.now()) return undefined;
  return Math.max(0, Number(left));
}

/** The count is used up. */
const NOTHING_LEFT = 45047;
/** The window is shut, or the user follows no longer. */
const SHUT = 45015;

/** What a refused send says of its user's window. */
export async function correctWindow(redis: Redis, tag: string, user: UserId, errcode: number): Promise<void> {
  if (errcode !== NOTHING_LEFT && errcode !== SHUT) return;
  await runScript(redis, 'correctWindow', [tag], [user, errcode === SHUT ? '1' : '']);
}
