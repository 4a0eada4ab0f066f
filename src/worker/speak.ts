import type { Redis } from 'ioredis';
import { pageOf, sendsFor } from '../delivery/fit.ts';
import type { PageSection } from '../delivery/page.ts';
import { piecesOf } from '../delivery/parts.ts';
import { createThoughtFilter } from '../delivery/thoughts.ts';
import type { AnyHandler } from '../handlers/definition.ts';
import { encodeAnswerEntry, type PushEntry, readAnswerEntry } from '../store/entries.ts';
import { type Entry, type Head, type Part, type Run, type Status, stream } from '../store/lanes.ts';
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
  /** Long answers go on a page. */
  readonly pages: boolean;
}

/**
 * Sends ahead what a generator yields, as long as the window has sends to spare; from then on it waits here for the end, to be
 * fitted into what is left. A run after one that ended early leaves out what went before; what had waited it says again.
 */
export function speak({ redis, queues, run, head, newest, entry, lane, handler, prepare, pages }: Speech) {
  let count = 0;
  const gone: PageSection[] = [];
  const waiting: Part[] = [];
  // A thought may begin in one part and end in a later one.
  const thoughts = (handler.showThinking ?? !handler.markdown) ? undefined : createThoughtFilter();
  return {
    /** Parts so far. */
    said: () => count,
    /** What has not gone ahead, as one answer. */
    rest: (): Part[] =>
      waiting.map((part, index) => {
        const before = index === 0 && gone.length > 0 ? { before: gone } : {};
        const json = encodeAnswerEntry({ ...readAnswerEntry(part.json), ...before, of: waiting.length });
        return { ...part, json };
      }),
    async say(given: unknown): Promise<Status> {
      const said = typeof given === 'string' && thoughts ? thoughts.push(`${given}\n`) : given;
      const number = count;
      // It went ahead before, and its files with it; what is empty is no part.
      if (!pages && number < head.streamed && piecesOf(said, handler).length > 0) {
        count++;
        return 'mine';
      }
      const parts = await prepare(said, newest, entry, handler, { number });
      if (parts.length === 0) return 'mine';
      count++;
      if (waiting.length > 0) {
        waiting.push(...parts);
        return 'mine';
      }
      const entries = parts.map(({ json }) => readAnswerEntry(json));
      if (number >= head.streamed) {
        const sends = sendsFor(entries);
        const { status, wake, isFull } = await stream(redis, run, head, { number, lane, sends, parts });
        if (isFull) {
          waiting.push(...parts);
          return status;
        }
        // The sweeper finds what is not woken.
        if (wake) queues.startLanes(run.tag, [wake]).catch(() => undefined);
        if (status !== 'mine') return status;
      }
      if (pages) gone.push(...pageOf(entries));
      return 'mine';
    },
  };
}
