import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Names } from './keys.ts';
import { DEAD, type DeadData, type Queues } from './queues.ts';

/** Something that was given up on: a push whose handler failed for good, or a part of an answer that could not be sent. */
export interface DeadLetter extends DeadData {
  /** Names it for {@link resendDead} and {@link dropDead}. */
  readonly id: string;
  readonly what: 'push' | 'answer';
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** All of them, oldest first. */
export async function listDead(queues: Queues, names: Names): Promise<DeadLetter[]> {
  const jobs = await Promise.all(names.tags().map((tag) => queues.get(tag, DEAD).getFailed()));
  return jobs
    .flat()
    .map(
      ({ id = '', name, data, timestamp }: Job<DeadData>): DeadLetter => ({
        id,
        what: name as DeadLetter['what'],
        at: timestamp,
        ...data,
      }),
    )
    .sort((a, b) => a.at - b.at);
}

/** Puts it back into its lane, by the same way as Retry in the monitor. */
export async function resendDead(queues: Queues, names: Names, { id }: DeadLetter): Promise<void> {
  const job = await queues.get(names.tagOf(id), DEAD).getJob(id);
  await job?.retry('failed');
}

/** Forgets it for good. */
export async function dropDead(redis: Redis, queues: Queues, names: Names, { id }: DeadLetter): Promise<void> {
  const tag = names.tagOf(id);
  await redis.del(`${tag}:buried:${id}`);
  const job = await queues.get(tag, DEAD).getJob(id);
  await job?.remove();
}

/** What stands in `dead` for something that is given up on. */
export interface DeadJob {
  readonly name: DeadLetter['what'];
  readonly data: DeadData;
  readonly opts: { readonly jobId: string };
}

/** Jobs that are there already stay as they are. */
export async function addDead(queues: Queues, tag: string, jobs: readonly DeadJob[]): Promise<void> {
  await queues.get(tag, DEAD).addBulk([...jobs]);
}

/** Takes back those that stand for nothing: what they name was not given up on after all. Returns the others. */
export async function takeBackDead(
  redis: Redis,
  queues: Queues,
  tag: string,
  jobs: readonly DeadJob[],
): Promise<DeadJob[]> {
  const buried: DeadJob[] = [];
  for (const job of jobs) {
    const isBuried = async () => (await redis.exists(`${tag}:buried:${job.opts.jobId}`)) === 1;
    if (!(await isBuried())) {
      await removeDead(queues, tag, job.opts.jobId);
      if (!(await isBuried())) continue;
      // Given up on in between, by whoever has the lane now, who took our job for theirs.
      await addDead(queues, tag, [job]);
    }
    buried.push(job);
  }
  return buried;
}

async function removeDead(queues: Queues, tag: string, id: string): Promise<void> {
  for (let tries = 0; tries < LOCKED_TRIES; tries++) {
    const job = await queues.get(tag, DEAD).getJob(id);
    const removed = await job?.remove().then(
      () => true,
      () => false,
    );
    if (removed !== false) return;
    await sleep(LOCKED_PAUSE);
  }
}

/** A job cannot be removed while a worker gives it its first start. */
const LOCKED_TRIES = 20;
const LOCKED_PAUSE = 100;
