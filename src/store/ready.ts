import type { Redis } from 'ioredis';
import type { Config } from '../config.ts';
import type { Ingest } from './ingest.ts';
import type { Names } from './keys.ts';
import { missingRights } from './redis-needs.ts';
import { runScript } from './scripts.ts';

/**
 * Whether Redis would take a push now: it answers, takes what scripts write, and lets us run what it had refused when the last push
 * came. A PING would be answered by a replica, and by a Redis without memory.
 */
export async function takesPushes(
  redis: Redis,
  { names, ingest }: { readonly names: Names; readonly ingest: Ingest },
  { redisUrl, prefix }: Pick<Config, 'redisUrl' | 'prefix'>,
): Promise<boolean> {
  try {
    await runScript(redis, 'ready', [names.tags()[0] as string], []);
    return !ingest.refused || (await missingRights(redisUrl, prefix)).length === 0;
  } catch {
    return false;
  }
}
