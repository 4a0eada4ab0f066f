// The append-only file goes on holding what was erased, until it is rewritten.
import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { metaKey } from './keys.ts';
import { isMissing } from './refusal.ts';
import { runScript } from './scripts.ts';

/** Set while something was erased since the last rewrite began. */
const owedKey = (prefix: string) => `${metaKey(prefix)}:rewrite-owed`;
const restKey = (prefix: string) => `${metaKey(prefix)}:rewritten`;
/** Milliseconds. */
const BETWEEN_REWRITES = 3_600_000;

/** Call it when it is erased. */
export const oweRewrite = (redis: Redis, prefix: string) => redis.set(owedKey(prefix), randomUUID());

/** Begins a rewrite if one is owed. False where that has to wait: one runs that began before. */
export async function rewriteLog(redis: Redis, prefix: string): Promise<boolean> {
  const owed = await redis.get(owedKey(prefix));
  if (owed === null) return true;
  if (!(await begin(redis))) return false;
  await runScript(redis, 'unlock', [owedKey(prefix)], [owed]);
  return true;
}

/** The same, at most once in an hour: a rewrite writes all that there is. */
export async function rewriteLogNowAndThen(redis: Redis, prefix: string): Promise<void> {
  if ((await redis.exists(owedKey(prefix))) === 0) return;
  if ((await redis.set(restKey(prefix), '1', 'PX', BETWEEN_REWRITES, 'NX')) === null) return;
  if (!(await rewriteLog(redis, prefix))) await redis.del(restKey(prefix));
}

async function begin(redis: Redis): Promise<boolean> {
  try {
    await redis.bgrewriteaof();
    return true;
  } catch (error) {
    // A managed Redis has its own ways.
    return isMissing(error);
  }
}
