import type { Redis } from 'ioredis';
import type { Quota } from '../handlers/definition.ts';
import type { UserId } from './keys.ts';
import { runScript } from './scripts.ts';

/** What waits in a lane. */
export interface Entry {
  /** The push's key, and behind `~` the number of the part where it is one of an answer. */
  readonly id: string;
  /** Milliseconds, by Redis's clock. */
  readonly arrivedAt: number;
  /** As it was appended. */
  readonly json: string;
}

/** The first entry of a lane, in the hands of a run. */
export interface Head extends Entry {
  /** What waits behind it and is done together with it, where its handler merges. */
  readonly merged: readonly Entry[];
  /** Runs of it that threw or timed out so far. */
  readonly tries: number;
  /** Runs of it that died with their process. */
  readonly deaths: number;
  /** The last of them was just now: this is its first run since. */
  readonly orphaned: boolean;
  /** It was being sent, or in a reply, when its process died: it may have arrived. */
  readonly inDoubt: boolean;
  /** What waits behind it and is in doubt together with it. */
  readonly alsoInDoubt: readonly Entry[];
  /** When it was asked for, by this machine's clock: from then on it is ours, for as long as our lock holds. */
  readonly claimedAt: number;
  /** Milliseconds since a worker first met it without knowing its handler. */
  readonly strangeFor: number;
  /** Parts of its answer that went ahead while it ran. */
  readonly streamed: number;
  /** What the user's session in this queue holds, as JSON; '' where there is none. */
  readonly session: string;
  /** How often its user may be sent to, where that is known. */
  readonly quota: Quota | undefined;
}

export type Taken =
  | { readonly state: 'head'; readonly head: Head }
  /** `busy`: another owner lives. `lost`: our job's lock is gone. */
  | { readonly state: 'empty' | 'busy' | 'lost' }
  | { readonly state: 'wait'; readonly ms: number };

/** One part of what follows from a finished head. */
export interface Part {
  readonly id: string;
  readonly json: string;
  /** Its media are uploaded, and fetched, when its turn has come: that may take long. */
  readonly uploads?: true;
}

/** A part of an answer whose handler still runs. */
export interface Streamed {
  /** How many came before it. */
  readonly number: number;
  readonly lane: string;
  /** How many sends it takes. */
  readonly sends: number;
  /** The messages of it. */
  readonly parts: readonly Part[];
}

export interface Finish {
  readonly facts: string;
  /** Take the next head in the same step. */
  readonly goOn: boolean;
  /** What the session is to hold, as JSON: `{}` removes it, without it all stays as it was. */
  readonly session?: string;
  /** Where `parts` wait next. */
  readonly lane?: string;
  readonly parts?: readonly Part[];
  /** The run that sends the first of them at once, where nothing is in its way. */
  readonly sender?: Run;
}

export type Finished =
  | { readonly lost: true }
  | {
      readonly lost: false;
      readonly wake: string;
      readonly left: number;
      /** The first of the parts, in the hands of the sender. */
      readonly atOnce?: Head;
      readonly next?: Head;
    };

/** A run's ownership of one lane: every step asks that it still holds. */
export interface Run {
  readonly tag: string;
  readonly lane: string;
  /** Names the run. */
  readonly id: string;
  /** The lock key of the BullMQ job, and what it holds while the job is ours. */
  readonly lock: string;
  readonly token: string;
  /** Taking a head begins its send. */
  readonly sends: boolean;
}

/** Seconds for which an answer that may not be sent waits for its user to write. */
export const PARKED_TTL = 7 * 86_400;
/** From when the sweeper may look at a lane whose owner has not been heard of. */
const OWNER_SILENCE = 20_000;
/** Milliseconds for which a session outlives the last push that was finished with it. */
const SESSION_TTL = 24 * 3_600_000;

export async function take(redis: Redis, run: Run): Promise<Taken> {
  const args = [run.lane, run.id, run.lock, run.token, OWNER_SILENCE, flag(run.sends)];
  const claimedAt = Date.now();
  const [state, ...rest] = await runScript<[string, ...string[]]>(redis, 'take', [run.tag, run.lock], args);
  if (state === 'head') {
    const [tries, deaths, doubtful, strange, orphaned, streamed, ...handed] = rest;
    return { state, head: readHead(claimedAt, handed, { tries, deaths, doubtful, strange, orphaned, streamed }) };
  }
  if (state === 'wait') return { state, ms: Number(rest[0]) };
  return { state: state as 'empty' | 'busy' | 'lost' };
}

export async function finish(redis: Redis, run: Run, head: Head, what: Finish): Promise<Finished> {
  const parts = (what.parts ?? []).flatMap(({ id, json }) => [id, json]);
  const args = [
    run.lane,
    run.id,
    head.id,
    1 + head.merged.length,
    what.facts,
    flag(what.goOn),
    OWNER_SILENCE,
    flag(run.sends),
    what.session ?? '',
    SESSION_TTL,
    what.lane ?? '',
    what.sender?.id ?? '',
    what.sender?.lock ?? '',
    what.sender?.token ?? '',
  ];
  const claimedAt = Date.now();
  const [state, wake, left, atOnce, next] = await runScript<[string, string, number, string[], string[]]>(
    redis,
    'finish',
    [run.tag],
    [...args, ...parts],
  );
  if (state === 'lost') return { lost: true };
  return {
    lost: false,
    wake,
    left,
    ...(atOnce.length > 0 ? { atOnce: readHead(claimedAt, atOnce) } : {}),
    ...(next.length > 0 ? { next: readHead(claimedAt, next) } : {}),
  };
}

/**
 * Sends a part ahead of the finish. Returns whether the run may go on, the lane to wake or '', and whether the part does not
 * go ahead, for what is left of the window is needed for the rest.
 */
export async function stream(
  redis: Redis,
  run: Run,
  head: Head,
  { number, lane, sends, parts }: Streamed,
): Promise<{ status: Status; wake: string; isFull: boolean }> {
  const args = [run.lane, run.id, head.id, number, lane, sends, ...parts.flatMap(({ id, json }) => [id, json])];
  const [status, wake = '', full] = await runScript<[Status, string?, string?]>(redis, 'stream', [run.tag], args);
  return { status, wake, isFull: full === 'full' };
}

/** What a lane given back counts: a run that failed, or one that could not be tried because nobody knows the handler. */
export type Counts = 'tries' | 'strange' | '';

export interface Back {
  /** Milliseconds until the head may be taken again. */
  readonly pause: number;
  readonly counts: Counts;
  readonly facts: string;
}

/** Returns whether the lane was still ours. */
export async function giveBack(redis: Redis, run: Run, head: Head, back: Back): Promise<boolean> {
  const args = [run.lane, run.id, head.id, Math.round(back.pause), back.counts, back.facts];
  return (await runScript<number>(redis, 'giveback', [run.tag], args)) === 1;
}

/** What is left behind by a head that is given up on. */
export interface Burial {
  /** How many entries, the head among them. */
  readonly count: number;
  readonly facts: string;
  /** Where `parts` wait next: what the user is told. */
  readonly lane?: string;
  readonly parts?: readonly Part[];
}

/** What becomes of a head, and of what waits behind it of the same answer, that cannot go as it is. */
export interface Refit {
  /** How many entries are replaced, the head among them. */
  readonly count: number;
  /** What takes their place. */
  readonly now: readonly Part[];
  /** What waits until the user writes again. */
  readonly parked: readonly Part[];
  readonly facts: string;
}

/** Returns how many entries are left, although the lane may be another's by now. */
export function refit(redis: Redis, run: Run, head: Head, what: Refit): Promise<number> {
  const { count, now, parked, facts } = what;
  const parts = [...now, ...parked].flatMap(({ id, json }) => [id, json]);
  const args = [run.lane, run.id, head.id, count, now.length, PARKED_TTL, facts, ...parts];
  return runScript(redis, 'refit', [run.tag], args);
}

/** The first entries of an owner's lane, at most so many. */
export async function firstEntries(redis: Redis, run: Run, count: number): Promise<Entry[]> {
  return (await redis.lrange(`${run.tag}:lane:${run.lane}`, 0, count - 1)).map(readEntry);
}

/** What was parked last for a user. */
export async function lastParked(redis: Redis, run: Run, user: UserId): Promise<Entry | undefined> {
  const entry = await redis.lindex(`${run.tag}:parked:${user}`, -1);
  return entry === null ? undefined : readEntry(entry);
}

/** Where an entry is kept that was given up on, and the job in `dead` that stands for it; the scripts know it too. */
export const graveId = ({ id, arrivedAt }: Pick<Entry, 'id' | 'arrivedAt'>) => `${id}.${arrivedAt}`;

/**
 * Call it after the job in `dead` exists. Returns the lanes to wake, or `lost` where the lane is no longer ours: that may be the
 * work of our own call, repeated after a broken connection.
 */
export async function bury(redis: Redis, run: Run, head: Head, what: Burial): Promise<string[] | 'lost'> {
  const parts = (what.parts ?? []).flatMap(({ id, json }) => [id, json]);
  const args = [run.lane, run.id, head.id, what.count, what.facts, what.lane ?? '', ...parts];
  const [state, wake, left] = await runScript<[string, string, number]>(redis, 'bury', [run.tag], args);
  if (state === 'lost') return 'lost';
  return [...(wake ? [wake] : []), ...(left > 0 ? [run.lane] : [])];
}

/** Puts what a job in `dead` stands for back into its lane; returns whether it was there. Repeating it is harmless. */
export async function revive(redis: Redis, tag: string, deadJob: string): Promise<boolean> {
  return (await runScript<number>(redis, 'revive', [tag], [deadJob])) === 1;
}

/** Whether a run may go on with its head: not once the lane is another's, or a later push has replaced this one. */
export type Status = 'mine' | 'lost' | 'replaced';

export async function statusOf(redis: Redis, run: Run, headId: string): Promise<Status> {
  const [owner, replaced] = await redis.hmget(`${run.tag}:state:${run.lane}`, 'run', 'replaced');
  if (owner !== run.id) return 'lost';
  return replaced === headId ? 'replaced' : 'mine';
}

type Counted = {
  [count in 'tries' | 'deaths' | 'doubtful' | 'strange' | 'orphaned' | 'streamed']?: string | undefined;
};

function readHead(claimedAt: number, handed: readonly string[], counted: Counted = {}): Head {
  const [session = '', left, ends, ...batch] = handed;
  const [first, ...others] = batch.map(readEntry) as [Entry, ...Entry[]];
  const doubtful = Number(counted.doubtful ?? 0);
  return {
    ...first,
    // No answers are ever merged.
    merged: doubtful > 0 ? [] : others,
    tries: Number(counted.tries ?? 0),
    deaths: Number(counted.deaths ?? 0),
    orphaned: counted.orphaned === '1',
    inDoubt: doubtful > 0,
    alsoInDoubt: doubtful > 0 ? others : [],
    claimedAt,
    strangeFor: Number(counted.strange ?? 0),
    streamed: Number(counted.streamed ?? 0),
    session,
    quota: left && ends ? { left: Math.max(0, Number(left)), ends: Number(ends) } : undefined,
  };
}

export function readEntry(entry: string): Entry {
  const at = entry.indexOf('|');
  const json = entry.indexOf('|', at + 1);
  return { id: entry.slice(at + 1, json), arrivedAt: Number(entry.slice(0, at)), json: entry.slice(json + 1) };
}

const flag = (on: boolean) => (on ? '1' : '0');
