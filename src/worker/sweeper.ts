import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { toError } from '../errors.ts';
import type { Logger } from '../log.ts';
import * as metrics from '../metrics.ts';
import { dropGraves } from '../store/dead.ts';
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
export function startSweeper({ redis, queues, names, prefix, textDays, served, log }: Options): { stop(): void } {
  const tags = names.tags();
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
    for (const tag of tags) void sweepOnce(tag);
  }, INTERVAL);
  const forget = async () => {
    for (const tag of tags) {
      for (const { key, parts } of await dropOldParked(redis, tag)) {
        metrics.parkedDropped.inc(parts);
        log.warn({ key, parts }, 'answer.dropped');
      }
      const users = await forgetDue({ redis, queues, names, prefix }, tag, Date.now());
      if (users > 0) log.info({ users }, 'users.forgotten');
      // Their texts lie in there.
      if (await redis.set(`${tag}:sweeper:graves`, '1', 'EX', GRAVES_EVERY, 'NX')) await dropGraves(redis, tag);
    }
    await dropOldMalformed(redis, prefix, textDays, Date.now());
    await rewriteLogNowAndThen(redis, prefix);
  };
  const forgetting = setInterval(() => {
    forget().catch((error) => log.warn({ err: toError(error) }, 'forget.failed'));
  }, FORGET_EVERY);
  return {
    stop() {
      clearInterval(timer);
      clearInterval(forgetting);
    },
  };
}
