import { randomUUID } from 'node:crypto';
import { DelayedError, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from '../log.ts';
import { printableLine } from '../printable.ts';
import { addDead, type DeadJob, takeBackDead } from '../store/dead.ts';
import { keyOfId } from '../store/entries.ts';
import { laneId } from '../store/keys.ts';
import {
  type Back,
  bury,
  type Entry,
  finish,
  giveBack,
  graveId,
  type Head,
  type Part,
  type Refit,
  type Run,
  refit,
  take,
} from '../store/lanes.ts';
import { DELIVER, type DeadData, type LaneData, type Queues } from '../store/queues.ts';

/** A head that is given up on, and what its user is told. */
export interface Dead {
  readonly kind: 'dead';
  readonly handler: string;
  readonly reason: string;
  /** Where the handler threw it. */
  readonly frames?: readonly string[];
  /** What waits behind it and goes the same way. */
  readonly also?: readonly Entry[];
  readonly lane?: string;
  readonly parts?: readonly Part[];
}

/** What a stage made of a head. */
export type Outcome =
  | {
      readonly kind: 'done';
      readonly facts: string;
      readonly result: object;
      /** What its user's session is to hold, as JSON. */
      readonly session?: string;
      readonly lane?: string;
      readonly parts?: readonly Part[];
    }
  | ({ readonly kind: 'back' } & Back)
  | Dead
  /** It cannot go as it is, or not now. */
  | ({ readonly kind: 'refit'; readonly result: object } & Refit)
  /** The lane is another's by now: nothing may be done. */
  | { readonly kind: 'lost' };

/** One stage of a push's way: handling it, or delivering its answer. */
export interface Stage {
  readonly queue: string;
  /** Whether it would send a head that it takes now. Without it the stage sends nothing. */
  sends?(): boolean;
  work(head: Head, run: Run, job: Job<LaneData>): Promise<Outcome>;
}

export interface LaneRunner {
  /** The BullMQ processor of a stage's queue. */
  process(stage: Stage, tag: string, job: Job<LaneData>, token: string): Promise<unknown>;
  /** From now on no run goes on to another head. */
  stop(): void;
}

/** A run ends after this much work, so that each slow push is a job of its own and users take turns. */
const SHARE = 100;
/** When a job whose lane is in other hands looks again. */
const LOOK_AGAIN = 1000;

/** Runs lanes: takes the head, lets the stage work on it, and records what came of it, one script each. */
export function createLaneRunner(redis: Redis, queues: Queues, log: Logger): LaneRunner {
  const running = new Set<string>();
  let stopping = false;

  const again = async (job: Job, token: string, pause: number): Promise<never> => {
    await job.moveToDelayed(Date.now() + pause, token);
    throw new DelayedError();
  };

  const runLane = async (stage: Stage, run: Run, job: Job<LaneData>): Promise<unknown> => {
    const taken = await take(redis, run);
    if (taken.state === 'busy') return again(job, run.token, LOOK_AGAIN);
    if (taken.state === 'wait') return again(job, run.token, taken.ms);
    if (taken.state !== 'head') {
      // A job that never had a push is of no interest to anybody who looks at the queue.
      if (!job.data.key) job.opts.removeOnComplete = true;
      return { key: job.data.key, handler: job.data.handler, note: 'nothing was waiting' };
    }
    const results: object[] = [];
    const started = Date.now();
    let head: Head | undefined = taken.head;
    while (head) {
      const outcome = onOneLine(await stage.work(head, run, job));
      if (outcome.kind === 'back') {
        await giveBack(redis, run, head, outcome);
        return again(job, run.token, outcome.pause);
      }
      if (outcome.kind === 'lost') return lost(head);
      if (outcome.kind === 'refit') {
        const left = await refit(redis, run, head, outcome);
        if (left > 0 && outcome.now.length > 0) return again(job, run.token, 0);
        if (left > 0) await queues.startLanes(run.tag, [run.lane]);
        return { key: keyOfId(head.id), ...outcome.result };
      }
      if (outcome.kind === 'dead') {
        if (!(await buryHead(stage, run, head, outcome))) return lost(head);
        return { key: keyOfId(head.id), handler: outcome.handler, givenUp: outcome.reason };
      }
      const goOn = !stopping && Date.now() - started < SHARE;
      const { kind: _, result, ...what } = outcome;
      const done = await finish(redis, run, head, { ...what, goOn });
      if (done.lost) {
        // Or it was our own call, repeated after a broken connection: then what it woke has to be woken all the same.
        await queues.startLanes(run.tag, what.lane ? [run.lane, what.lane] : [run.lane]);
        return lost(head);
      }
      results.push(result);
      if (done.wake) await queues.startLanes(run.tag, [done.wake]);
      if (!done.next && done.left > 0) await queues.startLanes(run.tag, [run.lane]);
      head = done.next;
    }
    return results.length === 1 ? results[0] : results;
  };

  const lost = (head: Head) => {
    log.warn({ key: keyOfId(head.id) }, 'run.superseded');
    return { key: keyOfId(head.id), note: 'another worker has taken this over' };
  };

  const buryHead = async (stage: Stage, run: Run, head: Head, dead: Dead) => {
    const { handler, reason, frames, also = [], lane, parts } = dead;
    const name = stage.queue === DELIVER ? 'answer' : 'push';
    // A crash before `bury` repeats the same ids.
    const jobs = [head, ...head.merged, ...also].map((entry): DeadJob => {
      const data: DeadData = {
        key: keyOfId(entry.id),
        handler,
        queue: stage.queue,
        reason,
        ...(frames ? { frames } : {}),
      };
      return { name, data, opts: { jobId: graveId(entry) } };
    });
    await addDead(queues, run.tag, jobs);
    const told = lane && parts ? { lane, parts } : {};
    const wake = await bury(redis, run, head, { count: jobs.length, facts: `given up: ${reason}`, ...told });
    // It may be our own call, repeated after a broken connection.
    const buried = wake === 'lost' ? await takeBackDead(redis, queues, run.tag, jobs) : jobs;
    // Somebody who had lost the lane may have taken them back before they stood for anything.
    if (wake !== 'lost') await addDead(queues, run.tag, jobs);
    for (const { data } of buried) log.error({ key: data.key, handler, reason }, 'push.given_up');
    const lanes = wake === 'lost' ? [run.lane, ...(lane ? [lane] : [])] : wake;
    if (lanes.length > 0) await queues.startLanes(run.tag, lanes);
    return buried.length > 0;
  };

  return {
    async process(stage, tag, job, token) {
      const lane = laneId(stage.queue, job.data.user);
      const id = `${tag}:${lane}`;
      // Our own run outlived its lock in an outage, and BullMQ offers its job a second time.
      if (running.has(id)) return again(job, token, LOOK_AGAIN);
      running.add(id);
      const lock = `${tag}:${stage.queue}:${job.id}:lock`;
      try {
        const sends = stage.sends?.() ?? false;
        return await runLane(stage, { tag, lane, id: randomUUID(), lock, token, sends }, job);
      } finally {
        running.delete(id);
      }
    },
    stop() {
      stopping = true;
    },
  };
}

/** What is traced and kept of a run may quote a handler's error, WeChat or another server. */
function onOneLine(outcome: Outcome): Outcome {
  if (outcome.kind === 'lost') return outcome;
  if (outcome.kind === 'dead') return { ...outcome, reason: printableLine(outcome.reason) };
  return { ...outcome, facts: printableLine(outcome.facts) };
}
