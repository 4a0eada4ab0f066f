import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Config } from '../config.ts';
import { toError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { demandRights } from './redis-needs.ts';
import type { OnRedisError } from './redis-troubles.ts';

/** Milliseconds between two looks at the rights: the first pause and the longest. */
const LOOK = { first: 500, longest: 5000 };

/**
 * Settles when this user of Redis may do all that is needed. Nobody may begin before: a script that is refused in its middle has
 * taken what it then does not put anywhere.
 */
export async function untilAllowed(
  { redisUrl, prefix }: Pick<Config, 'redisUrl' | 'prefix'>,
  onError: OnRedisError,
): Promise<void> {
  for (let pause = LOOK.first; ; pause = Math.min(2 * pause, LOOK.longest)) {
    const missing = await demandRights(redisUrl, prefix).then(() => undefined, toError);
    if (!missing) return;
    onError(missing);
    await sleep(pause);
  }
}

/** Says what is wrong with how the Redis of this process is set up. */
export async function logProblemsOfRedis(redis: Redis, log: Logger): Promise<void> {
  for (const problem of await problemsOfRedis(redis)) log.warn({ problem }, 'redis.setup');
}

/** What is wrong with a Redis for our purpose, each with what to do. A managed server may refuse to say. */
export async function problemsOfRedis(redis: Redis, now: () => number = Date.now): Promise<string[]> {
  const [info, sync, skew] = await Promise.all([infoOf(redis), setting(redis, 'appendfsync'), clockSkew(redis, now)]);
  const problems: string[] = [];
  const version = info('redis_version');
  if (version && isOlder(version, OLDEST)) problems.push(`its version is ${version}: use ${OLDEST} or newer`);
  if (info('role') === 'slave')
    problems.push(
      'it is a replica, which takes no writes: point REDIS_URL to the master; until then nothing is handled',
    );
  const policy = info('maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction')
    problems.push(
      `its maxmemory-policy is ${policy}: with little memory it would throw pushes away; set it to noeviction`,
    );
  const appendOnly = info('aof_enabled');
  // Our own in memory, js-redis-server, which the log calls so at its start.
  const inMemory = info('os') === 'mocked redis';
  if (appendOnly === '0' && !inMemory)
    problems.push('its append-only file is off: a restart loses pushes; set appendonly to yes');
  if (appendOnly !== '0' && sync === 'no')
    problems.push('its appendfsync is no: a machine that dies loses half a minute of pushes; set it to always');
  if (Math.abs(skew) > MAX_SKEW)
    problems.push(
      `its clock is ${Math.round(skew)} ms away from this machine's: delays and retries come at wrong times; set both clocks`,
    );
  return problems;
}

const OLDEST = '6.2';
/** Milliseconds. */
const MAX_SKEW = 1000;

/** INFO needs fewer rights than CONFIG, and managed servers that close the one leave the other open. */
async function infoOf(redis: Redis): Promise<(field: string) => string | undefined> {
  const info = await redis.info().catch(() => '');
  return (field) => new RegExp(`^${field}:(.*?)\\r?$`, 'm').exec(info)?.[1];
}

function isOlder(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) < 0;
}

async function setting(redis: Redis, name: string): Promise<string | undefined> {
  try {
    return ((await redis.config('GET', name)) as string[])[1];
  } catch {
    return undefined;
  }
}

/** Half of the way there and back is not skew. */
async function clockSkew(redis: Redis, now: () => number): Promise<number> {
  const asked = now();
  const [seconds, microseconds] = await redis.time();
  const answered = now();
  return Number(seconds) * 1000 + Number(microseconds) / 1000 - (asked + answered) / 2;
}
