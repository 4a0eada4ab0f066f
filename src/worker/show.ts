import type { Job } from 'bullmq';
import type { LaneData } from '../store/queues.ts';

/** What lasts less is over before anybody looks at its job, and its result says the same. Milliseconds. */
const LASTS = 100;

/** What a job is at work on: facts, never the user's words. */
export interface Facts {
  readonly key: string;
  readonly handler: string;
  readonly attempt?: number;
  readonly part?: string | undefined;
}

/**
 * Writes into a job of a lane what it is at work on, once, and only where that lasts: for whoever looks at the job. Call what it
 * returns at the end: it says whether something was written.
 */
export function showIfItLasts(job: Job<LaneData> | undefined, facts: Facts, line: string): () => Promise<boolean> {
  if (!job) return async () => false;
  let shown: Promise<boolean> | undefined;
  const write = async () => {
    const written = [
      job.updateData({ user: job.data.user, ...facts }),
      job.updateProgress({ ...facts }),
      job.log(line),
    ];
    await Promise.all(written).catch(() => undefined);
    return true;
  };
  const timer = setTimeout(() => {
    shown = write();
  }, LASTS);
  return async () => {
    clearTimeout(timer);
    return (await shown) ?? false;
  };
}
