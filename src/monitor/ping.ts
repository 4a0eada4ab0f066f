import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';

const WITHIN = 1000;

/** Whether Redis answers now: a connection that waits for Redis would let whoever looks at a page wait as well. */
export async function redisAnswers(redis: Redis): Promise<boolean> {
  if (redis.status !== 'ready') return false;
  const done = new AbortController();
  const late = sleep(WITHIN, '', { signal: done.signal, ref: false }).catch(() => '');
  const answer = await Promise.race([redis.ping().catch(() => ''), late]);
  done.abort();
  return answer === 'PONG';
}
