import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Incoming, Ingest } from './ingest.ts';
import { type Names, queueOfLane } from './keys.ts';
import { graveId } from './lanes.ts';
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

const SCAN_COUNT = 1000;

/**
 * Drops what was given up on and has no job any more: who removes one in the monitor removes the job alone, and nothing else
 * brings back what it stood for. Reads the name of every key there is. Returns how many went.
 */
export async function dropGraves(redis: Redis, tag: string): Promise<number> {
  const graves = `${tag}:buried:`;
  let count = 0;
  for await (const found of redis.scanStream({ match: `${graves}*`, count: SCAN_COUNT }))
    for (const key of found as string[])
      if ((await redis.exists(`${tag}:${DEAD}:${key.slice(graves.length)}`)) === 0) count += await redis.unlink(key);
  return count;
}

/** Forgets it for good. */
export async function dropDead(redis: Redis, queues: Queues, names: Names, { id }: DeadLetter): Promise<void> {
  const tag = names.tagOf(id);
  await redis.del(`${tag}:buried:${id}`);
  const job = await queues.get(tag, DEAD).getJob(id);
  await job?.remove();
}

const DAY = 86_400_000;
/** How many are dropped at once. */
const AT_ONCE = 1000;

/** What was dropped because it was too old, and because there was too much. */
export interface Dropped {
  readonly age: number;
  readonly count: number;
}

/** Drops what was given up on and is older than so many days, then the oldest of what is more than so many. */
export async function dropOldDead(
  redis: Redis,
  queues: Queues,
  tag: string,
  most: { readonly days: number; readonly count: number },
): Promise<Dropped> {
  const dead = queues.get(tag, DEAD);
  const drop = async (olderThan: number, atMost: number) => {
    for (let count = 0; ; ) {
      const ids = await dead.clean(olderThan, Math.min(AT_ONCE, atMost - count), 'failed');
      // One that lies there without a job would be dropped tomorrow.
      if (ids.length > 0) await redis.unlink(...ids.map((id) => `${tag}:buried:${id}`));
      count += ids.length;
      if (ids.length === 0 || count >= atMost) return count;
    }
  };
  // Our clock may be wrong, and what it would take for old cannot be brought back.
  const [seconds] = await redis.time();
  const age = await drop(most.days * DAY + Date.now() - Number(seconds) * 1000, Number.POSITIVE_INFINITY);
  const over = (await dead.getFailedCount()) - most.count;
  return { age, count: over > 0 ? await drop(0, over) : 0 };
}

/**
 * Gives up on a push that comes from a disk and finds its lane full: it was acknowledged, so it waits in `dead`. Returns whether
 * it does; there may be room by now.
 */
export async function buryFull(
  { redis, queues, ingest, names }: { redis: Redis; queues: Queues; ingest: Ingest; names: Names },
  push: Incoming,
  handler: string,
): Promise<boolean> {
  const { key, lane, rules } = push;
  const tag = names.tagOf(key);
  const data: DeadData = { key, handler, queue: queueOfLane(lane), reason: 'too much waits for its user already' };
  const jobId = graveId({ id: key, arrivedAt: rules?.spooledAt ?? 0 });
  const job: DeadJob = { name: 'push', data, opts: { jobId } };
  await addDead(queues, tag, [job]);
  await ingest.add({ ...push, rules: { ...rules, bury: true } });
  return (await takeBackDead(redis, queues, tag, [job])).length > 0;
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
