import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Names, PushKey } from './keys.ts';
import { laneId, userOfKey } from './keys.ts';
import { type Entry, PARKED_TTL, type Part, readEntry } from './lanes.ts';
import { DELIVER } from './queues.ts';
import { runScript } from './scripts.ts';

/** Answers in the hands of whoever is to say them, oldest first: they are his until he reports, or has been silent for 6 s. */
export interface Claimed {
  readonly run: string;
  readonly parts: readonly Entry[];
}

/** A passive reply that has left. */
export interface HandedOver {
  /** What was in it, or is in `parked` again. */
  readonly claimed: Claimed;
  readonly reply: string;
  readonly facts: string;
  /** What did not fit. */
  readonly parked: readonly Part[];
}

/** The reply that another attempt of the push got. */
export interface Said {
  readonly said: string;
}

/** An attempt of a push that is held. */
export interface Attempt {
  /** Its mark. */
  readonly asker: string;
  /** Where the push waits. */
  readonly lane: string;
}

/** The way of answers into passive replies. */
export interface Answers {
  /**
   * Takes the answer of a push that is held, and what waits before it; `withParked`, where the account cannot send: what is
   * parked too. `over`: no answer will come. `undefined`: not yet, or not all of it.
   */
  claim(key: PushKey, attempt: Attempt, withParked: boolean): Promise<Claimed | Said | 'over' | undefined>;
  /** Takes whatever waits for the user of a push and is in nobody's hands; of one that is held, for its last attempt alone. */
  claimWaiting(key: PushKey, asker: string): Promise<Claimed | undefined>;
  /** Returns whether it was still ours, and whether the outbound lane goes on. */
  handOver(key: PushKey, what: HandedOver): Promise<{ ours: boolean; wake: boolean }>;
  /** The reply did not leave. Returns whether what it was to carry was still ours. */
  letGo(key: PushKey, run: string): Promise<boolean>;
  /** Whether a push may be held past its first attempt. */
  mayBeLate(key: PushKey, lane: string, perMinute: number): Promise<boolean>;
}

/** A claim outlives the writing of a reply; that of a receiver that died is in doubt after it. Milliseconds. */
const CLAIM_MS = 6000;
const CLAIM_TTL = 86_400;

export const answerLaneOf = (key: PushKey) => laneId(DELIVER, userOfKey(key));

export function openAnswers(redis: Redis, names: Names): Answers {
  const letGo = async (key: PushKey, run: string) =>
    (await insist(() => runScript<number>(redis, 'letGo', [names.tagOf(key)], [answerLaneOf(key), run]))) === 1;
  const claim = async (key: PushKey, withParked: boolean, { asker, lane }: Attempt) => {
    const run = randomUUID();
    const args = [key, answerLaneOf(key), run, CLAIM_MS, withParked ? '1' : '', lane, asker];
    try {
      const [state, ...rest] = await runScript<string[]>(redis, 'claimAnswer', [names.tagOf(key)], args);
      return { run, state, rest };
    } catch (error) {
      // It may have been executed all the same, and nobody would say what it took.
      letGo(key, run).catch(() => undefined);
      throw error;
    }
  };
  return {
    async claim(key, attempt, withParked) {
      const { run, state, rest } = await claim(key, withParked, attempt);
      if (state === 'said') return { said: rest[0] ?? '' };
      if (state === 'answer') return { run, parts: rest.map(readEntry) };
      return state === 'over' ? 'over' : undefined;
    },
    async claimWaiting(key, asker) {
      const { run, state, rest } = await claim(key, true, { asker, lane: '' });
      return state === 'answer' ? { run, parts: rest.map(readEntry) } : undefined;
    },
    async handOver(key, { claimed, reply, facts, parked }) {
      const args = [
        key,
        claimed.run,
        answerLaneOf(key),
        claimed.parts.length,
        reply,
        CLAIM_TTL,
        facts,
        PARKED_TTL,
        ...parked.flatMap(({ id, json }) => [id, json]),
      ];
      const [state, left] = await insist(() =>
        runScript<[string, number]>(redis, 'handOver', [names.tagOf(key)], args),
      );
      return { ours: state === 'ok', wake: state === 'ok' && left > 0 };
    },
    letGo,
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
