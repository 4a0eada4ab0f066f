import type { Redis } from 'ioredis';
import type { Config } from '../config.ts';
import type { Names } from './keys.ts';
import { missingRights } from './redis-needs.ts';
import { runScript } from './scripts.ts';

/** For so long the rights are believed: anybody may ask whether a receiver is ready. Milliseconds. */
const RIGHTS_FOR = 3000;

/**
 * Tells whether Redis would take a push now: it answers, takes what scripts write, and lets us run all that we need. A PING would
 * be answered by a replica, and by a Redis without memory.
 */
export function createReadiness(redis: Redis, { redisUrl, prefix }: Pick<Config, 'redisUrl' | 'prefix'>) {
  let missing: Promise<string[]> = Promise.resolve([]);
  let lookedAt = 0;
  return async (names: Names): Promise<boolean> => {
    if (Date.now() - lookedAt > RIGHTS_FOR) {
      lookedAt = Date.now();
      missing = missingRights(redisUrl, prefix);
    }
    try {
      await runScript(redis, 'ready', [names.tags()[0] as string], []);
      return (await missing).length === 0;
    } catch {
      return false;
    }
  };
}
