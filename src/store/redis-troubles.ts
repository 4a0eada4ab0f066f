import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import { mergeLines } from '../merged-lines.ts';
import * as metrics from '../metrics.ts';
import { missingRights } from './redis-needs.ts';
import { isMissing, type Refusal, refusalOf } from './refusal.ts';
import { adviceOnTls } from './tls-advice.ts';

/** Is told whatever goes wrong with Redis. */
export type OnRedisError = (error: Error) => void;

/**
 * Writes down what goes wrong with Redis, silence and refusals apart: at once the first time, then once a minute for each kind
 * with a count, for what is refused is asked for again and again by many.
 */
export function logRedisTroubles({ redisUrl, prefix }: Pick<Config, 'redisUrl' | 'prefix'>, log: Logger): OnRedisError {
  const merged = mergeLines();
  const logRefusal = async (error: Error, { kind, command, why, advice }: Refusal, count: number) => {
    // All at once: a script says of one command that it is refused, and of that not which.
    const missing = isMissing(error) ? await missingRights(redisUrl, prefix) : [];
    const refused = missing.length > 0 ? missing : command ? [command] : undefined;
    log.error({ kind, ...(refused ? { refused } : {}), why, advice, count }, 'redis.refused');
  };
  const logSilence = async (error: Error, count: number) => {
    const advice = await adviceOnTls(redisUrl, error);
    log.warn({ err: error, ...(advice ? { advice } : {}), ...(count > 1 ? { count } : {}) }, 'redis.error');
  };
  return (error) => {
    const refusal = refusalOf(error);
    if (refusal) {
      metrics.redisRefusals.inc({ kind: refusal.kind });
      merged(refusal.kind, (count) => void logRefusal(error, refusal, count));
    } else {
      const { code = error.name } = error as Error & { code?: string };
      merged(code, (count) => void logSilence(error, count));
    }
  };
}
