import type { Job } from 'bullmq';
import type { Back, Entry, Head, Part, Refit, Run } from '../store/lanes.ts';
import type { LaneData } from '../store/queues.ts';

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
  /** @param job shows what is worked on, where the lane is worked on by a job of its own */
  work(head: Head, run: Run, job: Job<LaneData> | undefined): Promise<Outcome>;
}
