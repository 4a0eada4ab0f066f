import type { Redis } from 'ioredis';
import { Gauge, Registry } from 'prom-client';
import { readApiPauses } from '../store/api-pauses.ts';
import { readBacklog } from '../store/backlog.ts';
import type { Names } from '../store/keys.ts';
import { countParked } from '../store/parked.ts';
import { allQueueNames, DEAD, type Queues } from '../store/queues.ts';
import { readTokenFacts } from '../store/token-cache.ts';

const STATES = ['waiting', 'active', 'delayed', 'failed'] as const;

export interface GaugeSources {
  readonly names: Names;
  readonly queues: Queues;
  readonly handlerQueues: readonly string[];
  /** Of the account whose token and pauses are shown. */
  readonly accountTag: string;
}

/** How much is waiting now, over all partitions, and how the account stands. */
export async function readGauges(redis: Redis, sources: GaugeSources): Promise<Registry> {
  const registry = new Registry();
  await Promise.all([gaugeWaiting(redis, sources, registry), gaugeAccount(redis, sources, registry)]);
  return registry;
}

async function gaugeAccount(redis: Redis, { accountTag }: GaugeSources, registry: Registry): Promise<void> {
  const unusable = new Gauge({
    name: 'wxrelay_account_unusable',
    help: '1 while WeChat refuses the account: its IP list, AppSecret or console must be put right.',
    registers: [registry],
  });
  const paused = new Gauge({
    name: 'wxrelay_api_paused',
    help: '1 for each API that is not called now, for WeChat wanted it called less.',
    labelNames: ['api', 'errcode'],
    registers: [registry],
  });
  const now = Date.now();
  const [facts, pauses] = await Promise.all([
    readTokenFacts(redis, accountTag, now),
    readApiPauses(redis, accountTag, now),
  ]);
  unusable.set(facts.unusable ? 1 : 0);
  for (const { api, errcode } of pauses) paused.set({ api, errcode: String(errcode) }, 1);
  // Behind a gateway, or before the first fetch, there is no token here.
  if (facts.fetchedAt === undefined) return;
  const age = new Gauge({
    name: 'wxrelay_token_age_seconds',
    help: 'Time since the access_token was fetched; WeChat’s live for two hours.',
    registers: [registry],
  });
  age.set(Math.max(0, now - facts.fetchedAt) / 1000);
}

async function gaugeWaiting(
  redis: Redis,
  { names, queues, handlerQueues }: GaugeSources,
  registry: Registry,
): Promise<void> {
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
}
