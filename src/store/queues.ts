import { type Job, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { queueOfLane, userOfLane } from './keys.ts';

/** What wakes lanes: one job for all lanes of a receiver's tick. */
export const WAKE = 'wake';
/** Where answers wait to be sent. */
export const DELIVER = 'deliver';
/** What was given up on: one failed job for each, and Retry puts it back. */
export const DEAD = 'dead';

export interface WakeData {
  readonly lanes: readonly string[];
  /** Their jobs may be put off, and are not to wait for that. */
  readonly now?: true;
}

/** The data of a lane's job. `user` is there from the start, the rest from when a run took a push. */
export interface LaneData {
  readonly user: string;
  readonly key?: string;
  readonly handler?: string;
  readonly attempt?: number;
}

export interface DeadData {
  readonly key: string;
  readonly handler: string;
  readonly queue: string;
  readonly reason: string;
  /** Where a handler threw what was the reason. */
  readonly frames?: readonly string[];
}

/** The BullMQ queues of an installation, opened as they are asked for. */
export interface Queues {
  get(tag: string, name: string): Queue;
  /** Gives each lane a job; one that has a job waiting keeps it, one that runs gets another afterwards. */
  startLanes(tag: string, lanes: readonly string[]): Promise<void>;
  /**
   * The same for lanes that should be moving: their jobs start now, though a wrong clock, or what they waited for, has put them
   * off; and what is left of jobs that an operator has deleted stands in nobody's way.
   */
  startLanesNow(tag: string, lanes: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export function openQueues(redis: Redis): Queues {
  const open = new Map<string, Queue>();
  const get = (tag: string, name: string) => {
    const id = `${tag}:${name}`;
    const queue = open.get(id) ?? openQueue(redis, tag, name);
    open.set(id, queue);
    return queue;
  };
  const add = async (tag: string, lanes: readonly string[]): Promise<Job[]> => {
    const byQueue = new Map<string, string[]>();
    for (const lane of lanes) byQueue.set(queueOfLane(lane), [...(byQueue.get(queueOfLane(lane)) ?? []), lane]);
    const added = await Promise.all([...byQueue].map(([name, list]) => get(tag, name).addBulk(list.map(laneJob))));
    return added.flat();
  };
  return {
    get,
    startLanes: async (tag, lanes) => void (await add(tag, lanes)),
    async startLanesNow(tag, lanes) {
      const jobs = await add(tag, lanes);
      const freed = await Promise.all(jobs.map(hurry));
      if (freed.includes(true)) await add(tag, lanes);
    },
    close: async () => void (await Promise.allSettled([...open.values()].map((queue) => queue.close()))),
  };
}

/**
 * A lane's job, whether it was made now or before: BullMQ makes no other while the key lives that names it. True where that
 * key has outlived its job, or names one that only has the same number: it is gone now.
 */
async function hurry(job: Job): Promise<boolean> {
  const state = await job.getState();
  // Somebody may have been faster.
  if (state === 'delayed') await job.promote().catch(() => undefined);
  if (state !== 'completed' && state !== 'failed' && state !== 'unknown') return false;
  await job.removeDeduplicationKey();
  return true;
}

function openQueue(redis: Redis, tag: string, name: string): Queue {
  // Without skipVersionCheck a queue opened while Redis is away stays broken for ever after.
  const queue = new Queue(name, { connection: redis, prefix: tag, skipVersionCheck: true, skipWaitingForReady: true });
  queue.on('error', () => undefined); // the connection's own listener has logged it
  return queue;
}

const laneJob = (lane: string) => ({
  name: queueOfLane(lane) === DELIVER ? 'answer' : 'push',
  data: { user: userOfLane(lane) } satisfies LaneData,
  opts: { deduplication: { id: userOfLane(lane), keepLastIfActive: true } },
});

/** Names the lanes that a tick filled; a worker turns it into their jobs. Lost wake-ups are the sweeper's business. */
export function wakeLater(queues: Queues, tag: string, lanes: string[], now = false): Promise<unknown> {
  const data: WakeData = { lanes, ...(now ? { now } : {}) };
  return queues.get(tag, WAKE).add(WAKE, data, { removeOnComplete: true, removeOnFail: true });
}

export function allQueueNames(handlerQueues: Iterable<string>): string[] {
  return [...new Set([...handlerQueues, DELIVER, DEAD])];
}
