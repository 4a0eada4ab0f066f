import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { toError } from '../errors.ts';
import type { Logger } from '../log.ts';
import * as metrics from '../metrics.ts';
import { type Dropped, dropGraves, dropOldDead } from '../store/dead.ts';
import { forgetDue } from '../store/forgetting.ts';
import { type Names, queueOfLane } from '../store/keys.ts';
import { dropOldMalformed } from '../store/malformed.ts';
import { dropOldParked } from '../store/parked.ts';
import type { Queues } from '../store/queues.ts';
import { rewriteLogNowAndThen } from '../store/rewrite-log.ts';
import { runScript } from '../store/scripts.ts';

interface Options {
  readonly redis: Redis;
  readonly queues: Queues;
  readonly names: Names;
  readonly prefix: string;
  /** Days for which texts of malformed pushes are kept. */
  readonly textDays: number;
  /** What was given up on: for how many days it is kept, and how much of it. */
  readonly dead: { readonly days: number; readonly count: number };
  /** The queues that this worker serves. */
  readonly served: ReadonlySet<string>;
  readonly log: Logger;
}

const INTERVAL = 1000;
/** After this long without a word from it, another process becomes the sweeper. */
const REIGN = 5000;
const AT_MOST = 500;
/** A lane that was given a job is left alone for this long, unless it moves. */
const PATIENCE = 30_000;
/** How often it is looked whether somebody, or something, is to be forgotten. */
const FORGET_EVERY = 30_000;
/** And how often what was given up on is dropped where somebody has removed its job. Seconds. */
const GRAVES_EVERY = 86_400;

/**
 * Finds lanes that stand still because a wake-up or a worker was lost, and users whose time to be forgotten has come. One
 * process at a time sweeps a partition.
 */
export function startSweeper(options: Options): { stop(): void } {
  const { redis, queues, names, served, log } = options;
  const me = randomUUID();
  const sweep = async (tag: string) => {
    const lanes = await runScript<string[]>(redis, 'sweep', [tag], [me, REIGN, AT_MOST]);
    if (lanes.length === 0) return;
    log.info({ lanes: lanes.length }, 'lanes.swept');
    for (const queue of new Set(lanes.map(queueOfLane)))
      if (!served.has(queue)) log.error({ queue }, 'queue.not_served_by_this_worker');
    await queues.startLanesNow(tag, lanes);
    await runScript(redis, 'swept', [tag], [PATIENCE, ...lanes]);
  };
  // What queues up while Redis is away would all be done when it is back.
  const underWay = new Set<string>();
  const sweepOnce = async (tag: string) => {
    if (underWay.has(tag)) return;
    underWay.add(tag);
    await sweep(tag).catch((error) => log.warn({ err: toError(error) }, 'sweep.failed'));
    underWay.delete(tag);
  };
  const timer = setInterval(() => {
    for (const tag of names.tags()) void sweepOnce(tag);
  }, INTERVAL);
  const forgetting = setInterval(() => {
    forgetOld(options).catch((error) => log.warn({ err: toError(error) }, 'forget.failed'));
  }, FORGET_EVERY);
  return {
    stop() {
      clearInterval(timer);
      clearInterval(forgetting);
    },
  };
}

/** Erases whose time has come, and drops what has been kept for long enough. */
export async function forgetOld({ redis, queues, names, prefix, textDays, dead, log }: Omit<Options, 'served'>) {
  const tags = names.tags();
  const most = { days: dead.days, count: Math.ceil(dead.count / tags.length) };
  for (const tag of tags) {
    for (const { key, parts } of await dropOldParked(redis, tag)) {
      metrics.parkedDropped.inc(parts);
      log.warn({ key, parts }, 'answer.dropped');
    }
    const users = await forgetDue({ redis, queues, names, prefix }, tag, Date.now());
    if (users > 0) log.info({ users }, 'users.forgotten');
    if (await redis.set(`${tag}:sweeper:dead`, '1', 'PX', FORGET_EVERY / 2, 'NX'))
      noteDropped(await dropOldDead(redis, queues, tag, most), most, log);
    // Their texts lie in there.
    if (await redis.set(`${tag}:sweeper:graves`, '1', 'EX', GRAVES_EVERY, 'NX')) await dropGraves(redis, tag);
  }
  await dropOldMalformed(redis, prefix, textDays, Date.now());
  await rewriteLogNowAndThen(redis, prefix);
}

function noteDropped(dropped: Dropped, most: Options['dead'], log: Logger): void {
  for (const why of ['age', 'count'] as const) {
    if (dropped[why] === 0) continue;
    metrics.deadDropped.inc({ why }, dropped[why]);
    log.warn({ letters: dropped[why], why, keptFor: `${most.days} days`, atMost: most.count }, 'dead.dropped');
  }
}
