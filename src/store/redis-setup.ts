import type { Redis } from 'ioredis';

/** What is wrong with a Redis for our purpose, each with what to do. A managed server may refuse to say. */
export async function problemsOfRedis(redis: Redis, now: () => number = Date.now): Promise<string[]> {
  const [version, policy, appendOnly, sync, skew] = await Promise.all([
    versionOf(redis),
    setting(redis, 'maxmemory-policy'),
    setting(redis, 'appendonly'),
    setting(redis, 'appendfsync'),
    clockSkew(redis, now),
  ]);
  const problems: string[] = [];
  if (version && isOlder(version, OLDEST)) problems.push(`its version is ${version}: use ${OLDEST} or newer`);
  if (policy !== undefined && policy !== 'noeviction')
    problems.push(
      `its maxmemory-policy is ${policy}: with little memory it would throw pushes away; set it to noeviction`,
    );
  if (appendOnly === 'no') problems.push('its append-only file is off: a restart loses pushes; set appendonly to yes');
  if (appendOnly === 'yes' && sync === 'no')
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

async function versionOf(redis: Redis): Promise<string | undefined> {
  const info = await redis.info('server').catch(() => '');
  return /redis_version:([\d.]+)/.exec(info)?.[1];
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
