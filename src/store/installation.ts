import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { ConfigError } from '../errors.ts';
import { createNames, metaKey, type Names } from './keys.ts';

/** Reads what every process of an installation must agree on, and writes it down at the very first start. */
export async function openInstallation(redis: Redis, prefix: string, partitions: number): Promise<Names> {
  const key = metaKey(prefix);
  await redis.hsetnx(key, 'salt', randomBytes(32).toString('base64url'));
  await redis.hsetnx(key, 'partitions', String(partitions));
  const [salt, recorded] = await redis.hmget(key, 'salt', 'partitions');
  if (Number(recorded) !== partitions)
    throw new ConfigError([
      `WXRELAY_PARTITIONS is ${partitions}, but this Redis was set up with ${recorded}: users would be looked for in the wrong place. Set it back to ${recorded}.`,
    ]);
  return createNames(prefix, partitions, salt as string);
}
