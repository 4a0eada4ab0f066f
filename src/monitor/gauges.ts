import type { Redis } from 'ioredis';
import { Gauge, Registry } from 'prom-client';
import { readBacklog } from '../store/backlog.ts';
import type { Names } from '../store/keys.ts';
import { countParked } from '../store/parked.ts';
import { allQueueNames, DEAD, type Queues } from '../store/queues.ts';

const STATES = ['waiting', 'active', 'delayed', 'failed'] as const;

export interface GaugeSources {
  readonly names: Names;
  readonly queues: Queues;
  readonly handlerQueues: readonly string[];
}

/** How much is waiting now, over all partitions. */
export async function readGauges(redis: Redis, { names, queues, handlerQueues }: GaugeSources): Promise<Registry> {
  const registry = new Registry();
  const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const jobs = gauge('wxrelay_queue_jobs', 'BullMQ jobs; one in a queue of lanes stands for a user.', [
    'queue',
    'state',
  ]);
  const lanes = gauge('wxrelay_lanes', 'Users with something waiting; an estimate where they are very many.', [
    'queue',
  ]);
  const oldest = gauge(
    'wxrelay_oldest_waiting_seconds',
    'Age of what has waited longest; where very many wait, at least this.',
    ['queue'],
  );
  const dead = gauge('wxrelay_dead', 'Pushes that were given up on and have not been retried.');
  const parked = gauge('wxrelay_parked_users', 'Users for whom answers wait until they write again.');
  const parkedFor = gauge(
    'wxrelay_parked_oldest_seconds',
    'For how long the answers that wait longest for their user have waited; they are dropped after 7 days.',
  );

  const all = allQueueNames(handlerQueues);
  const counting = all.flatMap((queue) =>
    names.tags().map(async (tag) => ({ queue, counts: await queues.get(tag, queue).getJobCounts(...STATES) })),
  );
  const [counted, backlog, waiting] = await Promise.all([
    Promise.all(counting),
    readBacklog(redis, names.tags()),
    countParked(redis, names.tags()),
  ]);
  parked.set(waiting.users);
  parkedFor.set(waiting.seconds);
  for (const { queue, counts } of counted)
    for (const state of STATES) {
      jobs.inc({ queue, state }, counts[state] ?? 0);
      if (queue === DEAD) dead.inc(counts[state] ?? 0);
    }
  for (const queue of new Set([...all.filter((name) => name !== DEAD), ...backlog.keys()])) {
    lanes.set({ queue }, Math.round(backlog.get(queue)?.lanes ?? 0));
    oldest.set({ queue }, backlog.get(queue)?.oldestSeconds ?? 0);
  }
  return registry;
}
