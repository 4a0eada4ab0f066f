import type { Redis } from 'ioredis';
import { ConfigError, toError } from '../errors.ts';
import { Failure } from './exit-codes.ts';

/** Milliseconds. */
const WITHIN = 3000;

/** The Redis of the other processes for a command that a person waits for: a {@link Failure} where it does not answer soon. */
export async function reachRedis(url: string, within = WITHIN): Promise<Redis> {
  const { connectBriefly } = await import('../store/connection.ts');
  let why: Error | undefined;
  // Told once, by whatever fails for it.
  const redis = connectBriefly(url, (error) => {
    why = error;
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(Object.assign(new Error(`no answer within ${within / 1000} s`), { code: 'ETIMEDOUT' })),
      within,
    );
  });
  try {
    await Promise.race([redis.ping(), late]);
    return redis;
  } catch (error) {
    redis.disconnect();
    throw await worded(redis, why ?? toError(error), url);
  } finally {
    clearTimeout(timer);
  }
}

/** What a command meets where its Redis goes away in the middle, or refuses something, in words; any other error as it is. */
export async function wordedFailure(redis: Redis, error: unknown): Promise<unknown> {
  const { refusalOf } = await import('../store/refusal.ts');
  const { name, message } = toError(error);
  return refusalOf(error) || AWAY.test(`${name}: ${message}`) ? worded(redis, toError(error)) : error;
}

const AWAY = /^MaxRetriesPerRequestError|: (Connection is closed|Command timed out|Stream isn't writeable)/;

async function worded({ options: { host, port } }: Redis, error: Error, url?: string): Promise<Failure | ConfigError> {
  const { refusalOf, sayRefusal } = await import('../store/refusal.ts');
  const refusal = `REDIS_URL: ${sayRefusal(error)}`;
  const kind = refusalOf(error)?.kind;
  if (kind) return kind === 'login' ? new ConfigError([refusal]) : new Failure(refusal);
  const { adviceOnTls } = await import('../store/tls-advice.ts');
  const advice = url && (await adviceOnTls(url, error));
  if (advice) return new Failure(`REDIS_URL, ${host}:${port}: ${advice}.`);
  // That of ioredis is long, and about its own settings.
  const why = error.name === 'MaxRetriesPerRequestError' ? 'the connection was lost' : error.message;
  return new Failure(`REDIS_URL: nothing is to be had from ${host}:${port} (${why}). Does a Redis run there?`);
}
