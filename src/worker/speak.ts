import type { Redis } from 'ioredis';
import { piecesOf } from '../delivery/parts.ts';
import type { AnyHandler } from '../handlers/definition.ts';
import type { PushEntry } from '../store/entries.ts';
import { type Entry, type Head, type Run, type Status, stream } from '../store/lanes.ts';
import type { Queues } from '../store/queues.ts';
import type { PrepareAnswer } from './answer.ts';

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
  readonly handler: AnyHandler;
  readonly prepare: PrepareAnswer;
}

/** Sends ahead what a generator yields; a run after one that ended early leaves out what went before. */
export function speak({ redis, queues, run, head, newest, entry, lane, handler, prepare }: Speech) {
  let count = 0;
  return {
    /** Parts so far. */
    said: () => count,
    async say(said: unknown): Promise<Status> {
      const number = count;
      // It went ahead before, and its files with it; what is empty is no part.
      if (number < head.streamed && piecesOf(said, handler).length > 0) {
        count++;
        return 'mine';
      }
      const parts = await prepare(said, newest, entry, handler, { number });
      if (parts.length === 0) return 'mine';
      count++;
      const { status, wake } = await stream(redis, run, head, { number, lane, parts });
      // The sweeper finds what is not woken.
      if (wake) queues.startLanes(run.tag, [wake]).catch(() => undefined);
      return status;
    },
  };
}
