import { type Job, UnrecoverableError } from 'bullmq';
import type { Redis } from 'ioredis';
import { laneId, type Names, userOfKey } from '../store/keys.ts';
import { revive } from '../store/lanes.ts';
import type { DeadData, Queues } from '../store/queues.ts';
import { describeSteps, readTrace } from '../store/trace.ts';

interface Stores {
  readonly redis: Redis;
  readonly queues: Queues;
  readonly names: Names;
}

/**
 * A job in `dead` fails at its first start, so that it shows as failed, with all that happened to its push as its log. Retry
 * starts it again and puts the push back.
 */
export async function processDead(stores: Stores, tag: string, job: Job<DeadData>): Promise<unknown> {
  if (job.attemptsMade === 0) return fail(stores, job);
  const { queue, key } = job.data;
  const revived = await revive(stores.redis, tag, job.id ?? '');
  // Although nothing was there: it may have been, when a connection broke and the call was repeated.
  await stores.queues.startLanes(tag, [laneId(queue, userOfKey(key))]);
  job.opts.removeOnComplete = true;
  return { revived };
}

async function fail({ redis, names }: Stores, job: Job<DeadData>): Promise<never> {
  const { key, reason, frames = [] } = job.data;
  const steps = await readTrace(redis, names, { key });
  // Of a start that was broken off.
  await job.clearLogs();
  for (const line of describeSteps(steps)) await job.log(line);
  // The trace may not have it yet.
  if (!steps.at(-1)?.what.startsWith('given up')) await job.log(`given up: ${reason}`);
  const givenUp = new UnrecoverableError(reason);
  // Whoever looks at the job wants to know where the handler threw it, not where in our code it was written down.
  givenUp.stack = [reason, ...frames].join('\n');
  throw givenUp;
}
