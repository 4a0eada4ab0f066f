import type { Redis } from 'ioredis';
import type { PushEntry } from '../store/entries.ts';
import { type Entry, type Head, type Run, type Status, stream } from '../store/lanes.ts';
import type { Queues } from '../store/queues.ts';
import { yieldedParts } from './answer.ts';

interface Speech {
  readonly redis: Redis;
  readonly queues: Queues;
  readonly run: Run;
  readonly head: Head;
  /** Its key names the answer. */
  readonly newest: Entry;
  readonly entry: PushEntry;
  /** Where the parts wait next. */
  readonly lane: string;
  readonly ai: boolean;
  readonly cut: () => boolean;
}

/** Sends ahead what a generator yields; a run after one that ended early leaves out what went before. */
export function speak({ redis, queues, run, head, newest, entry, lane, ai, cut }: Speech) {
  let count = 0;
  return {
    /** Parts so far. */
    said: () => count,
    async say(said: unknown): Promise<Status> {
      const number = count;
      const parts = yieldedParts(said, number, newest, entry, { ai, cut: cut() });
      if (parts.length === 0) return 'mine';
      count++;
      if (number < head.streamed) return 'mine';
      const { status, wake } = await stream(redis, run, head, { number, lane, parts });
      // The sweeper finds what is not woken.
      if (wake) queues.startLanes(run.tag, [wake]).catch(() => undefined);
      return status;
    },
  };
}
