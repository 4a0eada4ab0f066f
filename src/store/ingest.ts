import type { Redis } from 'ioredis';
import type { Opening } from '../wechat/window.ts';
import type { Names, PushKey } from './keys.ts';
import { runScript } from './scripts.ts';

/** A push about to become durable. */
export interface Incoming {
  readonly key: PushKey;
  /** The lane its work waits in, or '' where there is none. */
  readonly lane: string;
  /** The work, as the worker will read it. */
  readonly entry: string;
  readonly reply: PassiveReply;
  /** The window that the push opens: how many messages may be sent, for how many milliseconds. */
  readonly opens?: Opening | undefined;
  /** What the trace says of it. */
  readonly facts: string;
  readonly rules?: Rules;
}

/**
 * What is known of its passive reply: the reply itself ('' = success), or that it is made `later`, or that the push is `held`
 * open for its answer, each with the name of whoever does so: asking again, he meets his own claim. `none`: no handler takes
 * the push, which only opens its window.
 */
export type PassiveReply =
  | { readonly kind: 'known'; readonly xml: string }
  | { readonly kind: 'later' | 'held'; readonly asker: string }
  | { readonly kind: 'none' };

/** What decides whether and how a push joins its lane, together with what waits there. The script reads it. */
export interface Rules {
  readonly handler?: string;
  readonly busy?: 'reject' | 'latest';
  readonly limit?: { readonly count: number; readonly seconds: number };
  /** The push is the command for what is parked: where something is, it asks for that and for nothing else. */
  readonly more?: boolean;
  /** The passive reply to a push that is rejected. */
  readonly rejected?: string;
  /** It has been on disk since then; milliseconds since 1970. */
  readonly spooledAt?: number;
  /** Where its lane is full it is given up on: its job in `dead` is there. */
  readonly bury?: true;
}

/**
 * What became of it; `parked`: answers to this user are waiting for a reply that carries them. `held`: it is to be held; the
 * number of this attempt and the milliseconds since the first. `rejected`: its handler's rules say no. `full`: too
 * much waits for its user, and nothing is kept of it; `buried`: so it is, and it is given up on. `more`: it asked for what is parked, which goes out now. `forgotten`: its user was forgotten while it lay on disk. `again`: it was claimed, its
 * work is kept, but its reply was never made; `over`: so it is, and no answer will come. `answered`: no handler takes it, yet it
 * has a claim, for its reply carries what waited for one. `earlier`: it is claimed under the id of an earlier release.
 */
export type Ingested =
  | { readonly state: 'new'; readonly parked: boolean }
  | { readonly state: 'held'; readonly attempt: number; readonly sinceFirst: number }
  | { readonly state: (typeof STATES)[number] }
  | { readonly state: 'copy'; readonly reply: string };

const STATES = [
  'rejected',
  'full',
  'buried',
  'more',
  'forgotten',
  'again',
  'over',
  'answered',
  'wait',
  'earlier',
] as const;

export interface Ingest {
  /** Rejects where Redis did not answer: then nothing is known, and asking again does no harm. */
  add(push: Incoming): Promise<Ingested>;
  /**
   * Stores a passive reply before it is written. Returns the one to be written: another where one was stored before, none where
   * a later attempt of a push that is held is to say it.
   */
  reply(key: PushKey, reply: string, facts: string, asker?: string): Promise<string | undefined>;
  /** Notes that a stored reply has left; what is sent later may go now. Nobody waits for it. */
  written(key: PushKey, reply: string): void;
}

/** Claims are kept this long; WeChat repeats a push for some 20 s. */
const CLAIM_TTL = 86_400;
/** A claim older than this whose reply never came is that of a receiver that died. */
const STALE_CLAIM = 5000;

export interface IngestOptions {
  readonly redis: Redis;
  readonly names: Names;
  /** `now`: their jobs may be put off, and are not to wait for that. */
  wake(tag: string, lanes: string[], now?: boolean): void;
  /** How much of one user may wait in a queue. */
  readonly maxLane: number;
  /** The account is known to be able to send: then parked answers go out with the user's next push. */
  canSend(): boolean;
}

/** Gathers what one tick of the event loop brings and makes it durable with one script per partition. */
export function createIngest(options: IngestOptions): Ingest {
  const { redis, names, wake } = options;
  const incoming = batches<Incoming, Ingested>((tag, pushes) => ingest(options, tag, pushes));
  const replies = batches<string[], string | undefined>(async (tag, entries) => {
    const said = await runScript<(string | string[])[]>(redis, 'replied', [tag], [CLAIM_TTL, ...entries.flat()]);
    const lanes = said.pop() as string[];
    if (lanes.length > 0) wake(tag, lanes, true);
    return (said as string[]).map((answer) => (answer === '' ? undefined : answer.slice(1)));
  });
  return {
    add: (push) => incoming(names.tagOf(push.key), push),
    reply: (key, reply, facts, asker = '') => replies(names.tagOf(key), [key, 'r', reply, facts, asker]),
    written: (key, reply) => void replies(names.tagOf(key), [key, 'f', reply, '', '']).catch(() => undefined),
  };
}

async function ingest({ redis, wake, canSend, maxLane }: IngestOptions, tag: string, pushes: Incoming[]) {
  const args: (string | number)[] = [CLAIM_TTL, STALE_CLAIM, canSend() ? '1' : '', maxLane];
  for (const { key, lane, entry, reply, facts, opens, rules } of pushes) {
    const said = reply.kind === 'known' ? reply.xml : reply.kind === 'none' ? '' : reply.asker;
    const window = opens ? `${opens.sends} ${opens.ms}` : '';
    args.push(key, lane, entry, CODES[reply.kind], said, facts, window, rules ? JSON.stringify(rules) : '');
  }
  const answers = await runScript<(string | string[])[]>(redis, 'ingest', [tag], args);
  const hurried = answers.pop() as string[];
  const lanes = answers.pop() as string[];
  if (lanes.length > 0) wake(tag, lanes);
  if (hurried.length > 0) wake(tag, hurried, true);
  return (answers as string[]).map(read);
}

const CODES = { known: 'r', later: 'c', held: 'h', none: 'w' } as const;

function read(answer: string): Ingested {
  if (answer.startsWith('=')) return { state: 'copy', reply: answer.slice(1) };
  const [state = '', ...more] = answer.split(' ');
  if (state === 'held') return { state, attempt: Number(more[0]), sinceFirst: Number(more[1]) };
  if (state === 'new') return { state, parked: more[0] === '+' };
  return { state: state as (typeof STATES)[number] };
}

/**
 * Collects items per partition until the event loop has read what is there and the last call is answered, then runs them
 * in one go. One call at a time: were one refused and the next one taken, two pushes of a user would change places.
 */
function batches<Item, Result>(run: (tag: string, items: Item[]) => Promise<Result[]>) {
  type Waiting = { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void };
  interface Line {
    waiting: Waiting[];
    running: boolean;
  }
  const lines = new Map<string, Line>();
  const flush = async (tag: string, line: Line) => {
    const batch = line.waiting;
    line.waiting = [];
    try {
      const items = batch.map(({ item }) => item);
      const results = await run(tag, items);
      for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result);
    } catch (error) {
      // What waits behind a call that failed must not overtake it.
      for (const { reject } of [...batch, ...line.waiting.splice(0)]) reject(error);
    }
    line.running = false;
    start(tag, line);
  };
  const start = (tag: string, line: Line) => {
    if (line.running || line.waiting.length === 0) return;
    line.running = true;
    setImmediate(flush, tag, line);
  };
  return (tag: string, item: Item) =>
    new Promise<Result>((resolve, reject) => {
      const line = lines.get(tag) ?? { waiting: [], running: false };
      lines.set(tag, line);
      line.waiting.push({ item, resolve, reject });
      start(tag, line);
    });
}
