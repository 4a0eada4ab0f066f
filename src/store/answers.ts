import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Names, PushKey } from './keys.ts';
import { laneId, userOfKey } from './keys.ts';
import { type Entry, PARKED_TTL, type Part, readEntry } from './lanes.ts';
import { DELIVER } from './queues.ts';
import { runScript } from './scripts.ts';

/** The answer of a push in the hands of whoever holds it open. */
export interface Claimed {
  readonly run: string;
  readonly parts: readonly Entry[];
}

/** What a passive reply that has left carried. */
export interface HandedOver {
  /** The answer of this push, if it was in it. */
  readonly claimed?: Claimed | undefined;
  readonly reply: string;
  readonly facts: string;
  /** What was parked went into it, as far as it is not in `parked` again. */
  readonly tookParked: boolean;
  /** What did not fit. */
  readonly parked: readonly Part[];
}

/** The way of an answer into a passive reply, and of answers that wait for one. */
export interface Answers {
  /** `lane`: where the push waits. `over`: none will come. `undefined`: not yet, or not all of it. */
  claim(key: PushKey, asker: string, lane: string): Promise<Claimed | 'over' | undefined>;
  /** Returns whether it was still ours, and whether the outbound lane goes on. */
  handOver(key: PushKey, what: HandedOver): Promise<{ ours: boolean; wake: boolean }>;
  /** The reply did not leave. */
  letGo(key: PushKey, claimed: Claimed | undefined): Promise<void>;
  /** What is parked for the user of a push; for one reply at a time. */
  takeParked(key: PushKey): Promise<Entry[]>;
  /** Whether a push may be held past its first attempt. */
  mayBeLate(key: PushKey, lane: string, perMinute: number): Promise<boolean>;
}

/** A claim outlives the writing of a reply; that of a receiver that died is in doubt after it. Milliseconds. */
const CLAIM_MS = 6000;
const CLAIM_TTL = 86_400;

export const answerLaneOf = (key: PushKey) => laneId(DELIVER, userOfKey(key));

export function openAnswers(redis: Redis, names: Names): Answers {
  return {
    async claim(key, asker, lane) {
      const run = randomUUID();
      const args = [key, answerLaneOf(key), run, run, CLAIM_MS, asker, lane];
      const [state, ...parts] = await runScript<string[]>(redis, 'claimAnswer', [names.tagOf(key)], args);
      if (state === 'answer') return { run, parts: parts.map(readEntry) };
      return state === 'over' ? 'over' : undefined;
    },
    async handOver(key, { claimed, reply, facts, tookParked, parked }) {
      const [state, left] = await runScript<[string, number]>(
        redis,
        'handOver',
        [names.tagOf(key)],
        [
          key,
          claimed?.run ?? '',
          answerLaneOf(key),
          claimed?.parts.length ?? 0,
          reply,
          CLAIM_TTL,
          facts,
          tookParked ? '1' : '',
          PARKED_TTL,
          ...parked.flatMap(({ id, json }) => [id, json]),
        ],
      );
      return { ours: state === 'ok', wake: state === 'ok' && left > 0 };
    },
    async letGo(key, claimed) {
      await runScript(redis, 'letGo', [names.tagOf(key)], [key, claimed?.run ?? '', answerLaneOf(key)]);
    },
    async takeParked(key) {
      const args = [userOfKey(key), CLAIM_MS];
      return (await runScript<string[]>(redis, 'takeParked', [names.tagOf(key)], args)).map(readEntry);
    },
    async mayBeLate(key, lane, perMinute) {
      return (await runScript<number>(redis, 'overdue', [names.tagOf(key)], [key, lane, perMinute])) === 1;
    },
  };
}
