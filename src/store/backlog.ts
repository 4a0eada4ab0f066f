import type { Redis } from 'ioredis';
import { queueOfLane } from './keys.ts';

export interface QueueBacklog {
  lanes: number;
  oldestSeconds: number;
}

/** A partition with no more lanes than this is read whole; of a larger one the oldest and as many at random. */
const LOOK_AT = 5000;

/**
 * Users with something waiting, and the age of what has waited longest, by queue. The cost is the same for a million
 * lanes: then the numbers of lanes are estimates, and a queue whose oldest is younger than another's thousands gets the
 * oldest of the sample.
 */
export async function readBacklog(redis: Redis, tags: readonly string[]): Promise<Map<string, QueueBacklog>> {
  const [seconds, microseconds] = await redis.time();
  const now = Number(seconds) * 1000 + Number(microseconds) / 1000;
  const backlog = new Map<string, QueueBacklog>();
  for (const { oldest, sample, weight } of await Promise.all(tags.map((tag) => readPartition(redis, tag)))) {
    const note = (lane: string, arrivedAt: number, lanes: number) => {
      const queue = queueOfLane(lane);
      const known = backlog.get(queue) ?? { lanes: 0, oldestSeconds: 0 };
      const age = Math.max(0, now - arrivedAt) / 1000;
      backlog.set(queue, { lanes: known.lanes + lanes, oldestSeconds: Math.max(known.oldestSeconds, age) });
    };
    for (const [lane, arrivedAt] of oldest) note(lane, arrivedAt, 0);
    for (const [lane, arrivedAt] of sample) note(lane, arrivedAt, weight);
  }
  return backlog;
}

async function readPartition(redis: Redis, tag: string) {
  const key = `${tag}:oldest`;
  const [total, first] = await Promise.all([redis.zcard(key), redis.zrange(key, 0, String(LOOK_AT - 1), 'WITHSCORES')]);
  const oldest = pairs(first);
  const sample = total > oldest.length ? pairs(await redis.zrandmember(key, LOOK_AT, 'WITHSCORES')) : oldest;
  return { oldest, sample, weight: total / Math.max(1, sample.length) };
}

function pairs(flat: string[]): [lane: string, arrivedAt: number][] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i] as string, Number(flat[2 * i + 1])]);
}
