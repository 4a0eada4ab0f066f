import { randomUUID } from 'node:crypto';
import { DelayedError, type Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { toError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { printableLine } from '../printable.ts';
import { addDead, type DeadJob, takeBackDead } from '../store/dead.ts';
import { keyOfId } from '../store/entries.ts';
import { laneId } from '../store/keys.ts';
import {
  bury,
  type Finish,
  type Finished,
  finish,
  giveBack,
  graveId,
  type Head,
  type Run,
  refit,
  take,
} from '../store/lanes.ts';
import { DELIVER, type DeadData, type LaneData, type Queues } from '../store/queues.ts';
import { createSendSlots } from './send-slots.ts';
import type { Dead, Outcome, Stage } from './stage.ts';

export interface LaneRunner {
  /** The BullMQ processor of a stage's queue. */
  process(stage: Stage, tag: string, job: Job<LaneData>, token: string): Promise<unknown>;
  /** From now on no run goes on to another head. */
  stop(): void;
}

interface Options {
  readonly redis: Redis;
  readonly queues: Queues;
  readonly log: Logger;
  /** The stage that sends answers: a job whose handler has answered does it at once, where nothing is in the way. */
  readonly deliver: Stage;
  /** How many lanes may be sent from at once. */
  readonly sendSlots: number;
}

/** A lane in the hands of a run. */
interface Work {
  readonly stage: Stage;
  readonly run: Run;
  /** The lane's own job; without it the lane is sent from under the job of the push that is answered. */
  readonly job?: Job<LaneData>;
}

/** A run ends after this much work, so that each slow push is a job of its own and users take turns. */
const SHARE = 100;
/** When a job whose lane is in other hands looks again. */
const LOOK_AGAIN = 1000;

/** Runs lanes: takes the head, lets the stage work on it, and records what came of it, one script each. */
export function createLaneRunner({ redis, queues, log, deliver, sendSlots }: Options): LaneRunner {
  const running = new Set<string>();
  const slots = createSendSlots(sendSlots);
  let stopping = false;

  const again = async (job: Job, token: string, pause: number): Promise<never> => {
    await job.moveToDelayed(Date.now() + pause, token);
    throw new DelayedError();
  };
  /** The lane's own job waits; where there is none it gets one, which learns how long to wait. */
  const putOff = ({ run, job }: Work, pause: number) =>
    job ? again(job, run.token, pause) : queues.startLanes(run.tag, [run.lane]);

  const runLane = async (stage: Stage, run: Run, job: Job<LaneData>): Promise<unknown> => {
    const taken = await take(redis, run);
    if (taken.state === 'busy') return again(job, run.token, LOOK_AGAIN);
    if (taken.state === 'wait') return again(job, run.token, taken.ms);
    if (taken.state !== 'head') {
      // A job that never had a push is of no interest to anybody who looks at the queue.
      if (!job.data.key && job.attemptsMade === 0) job.opts.removeOnComplete = true;
      return { key: job.data.key, handler: job.data.handler, note: 'nothing was waiting' };
    }
    return drive({ stage, run, job }, taken.head);
  };

  /** Works on the lane from its head on, for as long as the run may. */
  const drive = async (work: Work, first: Head): Promise<unknown> => {
    const { run } = work;
    const results: object[] = [];
    const sending: Promise<void>[] = [];
    const started = Date.now();
    for (let head: Head | undefined = first; head; ) {
      const outcome = await workOn(work, head);
      if (outcome.kind !== 'done') {
        // They send under this job's lock, which it gives up with the lane.
        await Promise.all(sending);
        return conclude(work, head, outcome);
      }
      const goOn = !stopping && Date.now() - started < SHARE;
      const { kind: _, result, ...what } = outcome;
      const sender = senderOf(work, what);
      const done: Finished = await finish(redis, run, head, { ...what, goOn, ...(sender ? { sender } : {}) }).catch(
        (error: unknown) => {
          if (sender) slots.release();
          throw error;
        },
      );
      if (done.lost) {
        await Promise.all(sending);
        // Or it was our own call, repeated after a broken connection: then what it woke or claimed has to move all the same.
        if (sender) await letGo(sender, head);
        await queues.startLanes(run.tag, what.lane ? [run.lane, what.lane] : [run.lane]);
        return lost(head);
      }
      results.push(result);
      if (done.atOnce && sender) sending.push(sendAtOnce(sender, done.atOnce));
      else if (sender) slots.release();
      if (done.wake) await queues.startLanes(run.tag, [done.wake]);
      if (!done.next && done.left > 0) await queues.startLanes(run.tag, [run.lane]);
      head = done.next;
    }
    await Promise.all(sending);
    return results.length === 1 ? results[0] : results;
  };

  const workOn = async ({ stage, run, job }: Work, head: Head): Promise<Outcome> => {
    const outcome = onOneLine(await stage.work(head, run, job));
    if (stage === deliver) slots.learn(outcome);
    return outcome;
  };

  /** Records what came of a head that was not simply done with. */
  const conclude = async (work: Work, head: Head, outcome: Exclude<Outcome, { kind: 'done' }>): Promise<unknown> => {
    const { stage, run } = work;
    if (outcome.kind === 'back') {
      await giveBack(redis, run, head, outcome);
      return putOff(work, outcome.pause);
    }
    if (outcome.kind === 'lost') return lost(head);
    if (outcome.kind === 'refit') {
      const left = await refit(redis, run, head, outcome);
      if (left > 0 && outcome.now.length > 0) return putOff(work, 0);
      if (left > 0) await queues.startLanes(run.tag, [run.lane]);
      return { key: keyOfId(head.id), ...outcome.result };
    }
    if (!(await buryHead(stage, run, head, outcome))) return lost(head);
    return { key: keyOfId(head.id), handler: outcome.handler, givenUp: outcome.reason };
  };

  /** Who sends the parts of an answer at once, under the job that made it: they need no job of their own. */
  const senderOf = ({ stage, run }: Work, { lane, parts }: Pick<Finish, 'lane' | 'parts'>): Run | undefined => {
    if (stage === deliver || stopping || !lane || !parts?.length || parts.some(({ uploads }) => uploads))
      return undefined;
    if (!deliver.sends?.() || running.has(`${run.tag}:${lane}`) || !slots.take()) return undefined;
    return { ...run, lane, id: randomUUID(), sends: true };
  };

  const sendAtOnce = async (run: Run, head: Head): Promise<void> => {
    const id = `${run.tag}:${run.lane}`;
    running.add(id);
    try {
      await drive({ stage: deliver, run }, head);
    } catch (error) {
      // The sweeper finds the lane.
      log.warn({ key: keyOfId(head.id), err: toError(error) }, 'send.interrupted');
    } finally {
      running.delete(id);
      slots.release();
    }
  };
  const letGo = async (sender: Run, head: Head): Promise<void> => {
    slots.release();
    await giveBack(redis, sender, head, { pause: 0, counts: '', facts: '' });
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
