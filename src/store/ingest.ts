import type { Redis } from 'ioredis';
import type { Names, PushKey } from './keys.ts';
import { runScript } from './scripts.ts';

/** A push about to become durable. */
export interface Incoming {
  readonly key: PushKey;
  /** The lane its work waits in, or '' where there is none. */
  readonly lane: string;
  /** The work, as the worker will read it. */
  readonly entry: string;
  /** The passive reply ('' = success) where it is already known; `undefined` where it is still to be made. */
  readonly reply: string | undefined;
  /** What the trace says of it. */
  readonly facts: string;
}

/** What became of it. `again`: it was claimed, its work is kept, but its reply was never made. */
export type Ingested =
  | { readonly state: 'new' | 'again' | 'wait' }
  | { readonly state: 'copy'; readonly reply: string };

export interface Ingest {
  /** Rejects where Redis did not answer: then nothing is known, and asking again does no harm. */
  add(push: Incoming): Promise<Ingested>;
  /** Stores a passive reply before it is written. */
  reply(key: PushKey, reply: string, facts: string): Promise<void>;
  /** Notes that a stored reply has left; what is sent later may go now. Nobody waits for it. */
  written(key: PushKey, reply: string): void;
}

/** Claims are kept this long; WeChat repeats a push for some 20 s. */
const CLAIM_TTL = 86_400;
/** A claim older than this whose reply never came is that of a receiver that died. */
const STALE_CLAIM = 5000;

/** Gathers what one tick of the event loop brings and makes it durable with one script per partition. */
export function createIngest(redis: Redis, names: Names, wake: (tag: string, lanes: string[]) => void): Ingest {
  const incoming = batches<Incoming, Ingested>((tag, pushes) => ingest(redis, tag, pushes, wake));
  const replies = batches<string[], void>(async (tag, entries) => {
    await runScript(redis, 'replied', [tag], [CLAIM_TTL, ...entries.flat()]);
    return entries.map(() => undefined);
  });
  return {
    add: (push) => incoming(names.tagOf(push.key), push),
    reply: (key, reply, facts) => replies(names.tagOf(key), [key, 'r', reply, facts]),
    written: (key, reply) => void replies(names.tagOf(key), [key, 'f', reply, '']).catch(() => undefined),
  };
}

async function ingest(redis: Redis, tag: string, pushes: Incoming[], wake: (tag: string, lanes: string[]) => void) {
  const args: (string | number)[] = [CLAIM_TTL, STALE_CLAIM];
  for (const { key, lane, entry, reply, facts } of pushes)
    args.push(key, lane, entry, reply === undefined ? 'c' : 'r', reply ?? '', facts);
  const answers = await runScript<(string | string[])[]>(redis, 'ingest', [tag], args);
  const lanes = answers.pop() as string[];
  if (lanes.length > 0) wake(tag, lanes);
  return (answers as string[]).map(read);
}

function read(answer: string): Ingested {
  if (answer.startsWith('r')) return { state: 'copy', reply: answer.slice(1) };
  return { state: answer as 'new' | 'again' | 'wait' };
}

/** Collects items per partition until the event loop has read what is there, then runs them in one go. */
function batches<Item, Result>(run: (tag: string, items: Item[]) => Promise<Result[]>) {
  type Waiting = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void };
  let open = new Map<string, Waiting[]>();
  const settle = async (tag: string, waiting: Waiting[]) => {
    try {
      const results = await run(
        tag,
        waiting.map(({ item }) => item),
      );
      for (const [index, { resolve }] of waiting.entries()) resolve(results[index] as Result);
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  };
  const flush = () => {
    const batch = open;
    open = new Map();
    for (const [tag, waiting] of batch) settle(tag, waiting);
  };
  return (tag: string, item: Item) =>
    new Promise<Result>((resolve, reject) => {
      if (open.size === 0) setImmediate(flush);
      const waiting = open.get(tag);
      if (waiting) waiting.push({ item, resolve, reject });
      else open.set(tag, [{ item, resolve, reject }]);
    });
}
