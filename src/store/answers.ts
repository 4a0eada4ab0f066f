import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
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
  /** How many parked parts went into it, or are in `parked` again. */
  readonly tookParked: number;
  /** What did not fit. */
  readonly parked: readonly Part[];
}

/** The reply that another attempt of the push got. */
export interface Said {
  readonly said: string;
}

/** The way of an answer into a passive reply, and of answers that wait for one. */
export interface Answers {
  /** `lane`: where the push waits. `over`: none will come. `undefined`: not yet, or not all of it. */
  claim(key: PushKey, asker: string, lane: string): Promise<Claimed | Said | 'over' | undefined>;
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
      if (state === 'said') return { said: parts[0] ?? '' };
      if (state === 'answer') return { run, parts: parts.map(readEntry) };
      return state === 'over' ? 'over' : undefined;
    },
    async handOver(key, { claimed, reply, facts, tookParked, parked }) {
      const args = [
        key,
        claimed?.run ?? '',
        answerLaneOf(key),
        claimed?.parts.length ?? 0,
        reply,
        CLAIM_TTL,
        facts,
        tookParked,
        PARKED_TTL,
        ...parked.flatMap(({ id, json }) => [id, json]),
      ];
      const [state, left] = await insist(() =>
        runScript<[string, number]>(redis, 'handOver', [names.tagOf(key)], args),
      );
      return { ours: state === 'ok', wake: state === 'ok' && left > 0 };
    },
    async letGo(key, claimed) {
      const args = [key, claimed?.run ?? '', answerLaneOf(key)];
      await insist(() => runScript(redis, 'letGo', [names.tagOf(key)], args));
    },
    async takeParked(key) {
      const args = [key, CLAIM_MS];
      return (await runScript<string[]>(redis, 'takeParked', [names.tagOf(key)], args)).map(readEntry);
    },
    async mayBeLate(key, lane, perMinute) {
      const inEach = Math.ceil(perMinute / names.partitions);
      return (await runScript<number>(redis, 'overdue', [names.tagOf(key)], [key, lane, inEach])) === 1;
    },
  };
}

const PAUSE = 500;

/** Tries as long as the claim holds: what is not noted by then is in doubt, although we know. */
async function insist<T>(call: () => Promise<T>): Promise<T> {
  const end = Date.now() + CLAIM_MS - 2 * PAUSE;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(PAUSE);
    }
  }
}
