import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { NO_ACCOUNT, SIMULATED_ACCOUNT } from '../config.ts';
import { ConfigError } from '../errors.ts';
import { createNames, metaKey, type Names } from './keys.ts';
import { refusalOf, sayRefusal } from './refusal.ts';

/** Redis refuses the user or the password of REDIS_URL. */
export class LoginError extends ConfigError {
  constructor(problem: string) {
    super([problem]);
  }
}

/**
 * Reads what every process of an installation must agree on, and writes it down at the very first start. `account`: the AppID,
 * where the process has one.
 */
export async function openInstallation(
  redis: Redis,
  prefix: string,
  partitions: number,
  account?: string,
): Promise<Names> {
  // Trying things out with the simulator does not settle whose installation this is.
  const owner = account === NO_ACCOUNT || account === SIMULATED_ACCOUNT ? undefined : account;
  const [salt, recorded, whose] = await readOrWrite(redis, metaKey(prefix), partitions, owner).catch((error) => {
    throw refusalOf(error)?.kind === 'login' ? new LoginError(`REDIS_URL: ${sayRefusal(error)}`) : error;
  });
  if (Number(recorded) !== partitions)
    throw new ConfigError([
      `WXRELAY_PARTITIONS is ${partitions}, but this Redis was set up with ${recorded}: users would be looked for in the wrong place. Set it back to ${recorded}.`,
    ]);
  if (owner && whose !== owner)
    throw new ConfigError([
      `WECHAT_APP_ID is ${owner}, but what Redis holds under WXRELAY_PREFIX ${prefix} is of ${whose}: two accounts need two prefixes. Set WXRELAY_PREFIX to another name, or WECHAT_APP_ID back.`,
    ]);
  return createNames(prefix, partitions, salt as string);
}

async function readOrWrite(
  redis: Redis,
  key: string,
  partitions: number,
  account?: string,
): Promise<(string | null)[]> {
  await redis.hsetnx(key, 'salt', randomBytes(32).toString('base64url'));
  await redis.hsetnx(key, 'partitions', String(partitions));
  // An installation of an earlier release has none yet.
  if (account) await redis.hsetnx(key, 'account', account);
  return redis.hmget(key, 'salt', 'partitions', 'account');
}
