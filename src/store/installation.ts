import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { ConfigError } from '../errors.ts';
import { createNames, metaKey, type Names } from './keys.ts';
import { refusalOf, sayRefusal } from './refusal.ts';

/** Redis refuses the user or the password of REDIS_URL. */
export class LoginError extends ConfigError {
  constructor(problem: string) {
    super([problem]);
  }
}

/** Reads what every process of an installation must agree on, and writes it down at the very first start. */
export async function openInstallation(redis: Redis, prefix: string, partitions: number): Promise<Names> {
  const [salt, recorded] = await readOrWrite(redis, metaKey(prefix), partitions).catch((error) => {
    throw refusalOf(error)?.kind === 'login' ? new LoginError(`REDIS_URL: ${sayRefusal(error)}`) : error;
  });
  if (Number(recorded) !== partitions)
    throw new ConfigError([
      `WXRELAY_PARTITIONS is ${partitions}, but this Redis was set up with ${recorded}: users would be looked for in the wrong place. Set it back to ${recorded}.`,
    ]);
  return createNames(prefix, partitions, salt as string);
}

async function readOrWrite(redis: Redis, key: string, partitions: number): Promise<(string | null)[]> {
  await redis.hsetnx(key, 'salt', randomBytes(32).toString('base64url'));
  await redis.hsetnx(key, 'partitions', String(partitions));
  return redis.hmget(key, 'salt', 'partitions');
}
