import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { sayRefusal } from '../store/refusal.ts';

const WITHIN = 1000;

const SILENT = 'Redis does not answer.';

/** Why Redis does not serve now, if so: a connection that waits for Redis would let whoever looks at a page wait as well. */
export async function whyNoAnswer(redis: Redis): Promise<string | undefined> {
  if (redis.status !== 'ready') return SILENT;
  const done = new AbortController();
  const late = sleep(WITHIN, '', { signal: done.signal, ref: false }).catch(() => '');
  const answer = await Promise.race([redis.ping().catch((error) => sayRefusal(error) ?? ''), late]);
  done.abort();
  return answer === 'PONG' ? undefined : answer || SILENT;
}
