import type { Redis } from 'ioredis';

/** Long enough for a process that is busy; after it nobody waits for an answer any more. */
const ALIVE_MS = 15_000;
const BEAT = 5000;

const key = (tag: string) => `${tag}:alive`;

/** Whether a worker is there that takes what waits in a partition. */
export const isWorkerAlive = async (redis: Redis, tag: string): Promise<boolean> =>
  (await redis.exists(key(tag))) === 1;

/** Says that a worker is there; the script that makes pushes durable reads it. */
export function startHeartbeat(redis: Redis, tags: readonly string[]): { stop(): void } {
  let underWay = false;
  const beat = async () => {
    // What queues up while Redis is away, or refuses it, would say it of the past.
    if (underWay || redis.status !== 'ready') return;
    underWay = true;
    await Promise.allSettled(tags.map((tag) => redis.set(key(tag), '1', 'PX', ALIVE_MS)));
    underWay = false;
  };
  void beat();
  const timer = setInterval(beat, BEAT);
  return { stop: () => clearInterval(timer) };
}
