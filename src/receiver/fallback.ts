// Keeps pushes in Redis while it answers, and on disk while it does not.
import { setTimeout as sleep } from 'node:timers/promises';
import { toError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { mergeLines } from '../merged-lines.ts';
import * as metrics from '../metrics.ts';
import type { Spool } from '../spool/spool.ts';
import type { Forgetting } from '../store/forgetting.ts';
import type { Incoming, Ingested } from '../store/ingest.ts';
import type { PushKey } from '../store/keys.ts';
import { refusalOf } from '../store/refusal.ts';
import { type Draft, incoming, keyOf, type Store } from './draft.ts';
import { within } from './not-kept.ts';

/** What the spool holds: pushes, the passive replies made for them afterwards, and who is to be forgotten. */
export type Spooled =
  | { readonly push: Draft }
  | { readonly reply: { readonly of: ReplyOf; readonly xml: string; readonly facts: string } }
  | { readonly written: { readonly of: ReplyOf; readonly xml: string } }
  | { readonly forget: Forgetting };
interface ReplyOf {
  readonly id: string;
  readonly entry: { readonly account: string; readonly push: { readonly FromUserName: string } };
}

/** Where a push came to be kept. */
export type Kept = { readonly store: Store; readonly key: PushKey; readonly as: Ingested } | 'spooled';

export interface Fallback {
  /** Resolves once the push is durable; rejects where neither Redis nor the disk has it by then. Milliseconds since 1970. */
  add(draft: Draft, deadline: number): Promise<Kept>;
  /** Notes the reply to a push that is spooled, so that its copies get the same from Redis later. */
  addReply(draft: Draft, xml: string, facts: string, deadline: number): Promise<void>;
  /** Notes that the reply to a push that is spooled has left. Nobody waits for it. */
  written(draft: Draft, xml: string): void;
  /** As {@link Fallback.add}, for whom an event asks us to forget. */
  addForgetting(whom: Forgetting, deadline: number): Promise<void>;
  isWritable(): Promise<boolean>;
  close(): Promise<void>;
}

interface Options {
  readonly spool: Spool<Spooled>;
  /** Everything goes to disk first, and from there to Redis. */
  readonly always: boolean;
  readonly store: () => Store | undefined;
  /** Settles when Redis has answered for the first time. */
  readonly opening: Promise<unknown>;
  readonly log: Logger;
  readonly now: () => number;
}

interface Flight {
  readonly draft: Draft;
  readonly deadline: number;
  resolve(kept: Kept | Promise<Kept>): void;
}

/** How long a push waits for Redis, at the start as later; see connectReceiver. */
const SILENCE = 300;
const PAUSE = 200;
/** Between two tries while Redis refuses what is on disk. */
const LONGEST_PAUSE = 3000;
/** With everything on disk first, how long nothing may come before the files go. */
const IDLE = 1000;
const LOOK_FOR_DEAD = 5000;
/** What a receiver that ends still gives to replaying. */
const LAST_REPLAY = 2000;
/** And then to what is under way: one chunk, or a disk that hangs. */
const LAST_MOMENT = 3000;
/** Nothing can be held back for a passive reply any more: WeChat has hung up. */
const GATE = 5000;

const nothing = () => undefined;
const whyOf = (error: unknown): string => {
  const { message } = toError(error);
  // So says ioredis.
  return /enableOfflineQueue/.test(message) ? 'there is no connection to Redis' : message;
};
const ADVICE = 'Redis does not take pushes: look at it, and at its memory. Until it does they are kept on this disk.';

export function createFallback({ spool, always, store, opening, log, now }: Options): Fallback {
  /** Pushes that are on their way to Redis, in the order in which they came. */
  const flights = new Set<Flight>();
  const merged = mergeLines();
  let spooling = false;
  let draining: Promise<void> | undefined;
  /** Set while the last few records are replayed: what comes meanwhile waits for it, and then goes to Redis after them. */
  let lastFew: Promise<void> | undefined;
  let reason = 'what an earlier process kept is still to be replayed';
  let announced = false;
  let wrongSetup: unknown;
  let ending = false;
  let closed = false;
  opening.catch((error) => {
    wrongSetup = error;
  });

  const toDisk = async (draft: Draft, deadline: number): Promise<Kept> => {
    await within(deadline - now(), spool.append({ push: draft }));
    metrics.spooled.inc();
    if (always) {
      tidying.refresh();
      drain();
      return 'spooled';
    }
    if (!announced) log.error({ why: reason, advice: ADVICE }, 'spool.opened');
    announced = true;
    return 'spooled';
  };

  /** From here on everything goes to disk. What is on its way does so first, for it came first; twice does no harm. */
  const turnToDisk = (error: unknown) => {
    spooling = true;
    reason = whyOf(error);
    const diverted = [...flights];
    flights.clear();
    for (const { draft, deadline, resolve } of diverted) resolve(toDisk(draft, deadline));
    drain();
  };

  const toRedis = (opened: Store, draft: Draft, deadline: number) =>
    new Promise<Kept>((resolve) => {
      const flight = { draft, deadline, resolve };
      flights.add(flight);
      const push = incoming(opened.names, draft);
      opened.ingest.add(push).then(
        (as) => flights.delete(flight) && resolve({ store: opened, key: push.key, as }),
        (error) => flights.has(flight) && turnToDisk(error),
      );
    });

  /** What is still on disk then is for the next receiver. */
  const demandOpen = () => {
    if (closed) throw new Error('this receiver ends');
  };

  /** It was acknowledged, so it is not refused: it waits in `dead`. */
  const tooMuch = async (opened: Store, push: Incoming, handler: string) => {
    if (!(await opened.bury(push, handler))) return;
    metrics.fullLanes.inc({ outcome: 'dead' });
    log.error({ key: push.key, handler, reason: 'too much waits for its user already' }, 'push.given_up');
  };

  let count = 0;
  const send = async (records: Spooled[]) => {
    const opened = store();
    if (!opened) throw new Error('Redis has taken nothing yet');
    demandOpen();
    const { names, ingest } = opened;
    const pushes = records.flatMap((record) => ('push' in record ? [record.push] : []));
    await Promise.all(
      pushes.map(async (draft) => {
        const push = incoming(names, replayed(draft, now()));
        const { state } = await ingest.add(push);
        if (state === 'full') return tooMuch(opened, push, draft.entry.handler);
        // It was kept by a call whose answer was lost, and with it the lane to wake.
        if (state !== 'new' && state !== 'forgotten' && push.lane) opened.wake(push.key, push.lane);
      }),
    );
    // After all pushes: a reply must not claim a push whose work is not in its lane yet.
    const replies = records.flatMap((record) => ('reply' in record ? [record.reply] : []));
    await Promise.all(replies.map(({ of, xml, facts }) => ingest.reply(keyOf(names, of), xml, facts)));
    for (const record of records) {
      if ('written' in record) ingest.written(keyOf(names, record.written.of), record.written.xml);
      if ('forget' in record) {
        demandOpen();
        await opened.forget(record.forget);
      }
    }
    count += pushes.length;
  };
  const tidy = () => spool.tidy().catch((error) => log.warn({ err: toError(error) }, 'spool.untidy'));
  const tidying = setTimeout(tidy, IDLE).unref();

  const replayAll = async () => {
    await spool.replay(send);
    if (spool.isEmpty) return;
    if (always) return spool.flush();
    const replay = spool.flush().then(() => spool.replay(send));
    lastFew = replay.then(nothing, nothing);
    await replay;
  };

  const work = async () => {
    const started = now();
    let pause = PAUSE;
    count = 0;
    while (!closed && !(spool.isEmpty && !spooling)) {
      const failed = await replayAll().then(nothing, toError);
      // Nothing is awaited between this look and the turn: whatever comes next finds all that came before it in Redis.
      if (spool.isEmpty) {
        spooling = false;
        announced = false;
        lastFew = undefined;
        if (count > 0 && !always) log.info({ pushes: count, ms: now() - started }, 'spool.replayed');
        count = 0;
        if (!always) await tidy();
      } else if (failed || !always) {
        lastFew = undefined;
        if (failed && ending) break;
        if (failed) merged('', (count) => log.warn({ why: whyOf(failed), count }, 'spool.waits'));
        pause = refusalOf(failed) ? Math.min(2 * pause, LONGEST_PAUSE) : PAUSE;
        await sleep(pause);
      }
    }
    draining = undefined;
  };
  const drain = () => {
    draining ??= Promise.resolve().then(work);
  };

  const adopt = async () => {
    if (closed) return false;
    const adopted = await spool.adopt().catch((error) => {
      log.error({ err: toError(error) }, 'spool.not_adopted');
      return false;
    });
    if (adopted) drain();
    return adopted;
  };
  const start = async () => {
    const [adopted] = await Promise.all([adopt(), Promise.race([opening, sleep(SILENCE)]).catch(() => undefined)]);
    // What this receiver's predecessor kept goes first.
    if (!adopted || spool.isEmpty) return;
    spooling = true;
    drain();
  };
  let starting: Promise<void> | undefined = start().finally(() => {
    starting = undefined;
  });
  const timer = setInterval(adopt, LOOK_FOR_DEAD).unref();

  /** When it is known where the next push has to go. */
  const untilTurn = async (deadline: number) => {
    if (starting) await within(deadline - now(), starting);
    while (lastFew) await within(deadline - now(), lastFew);
    if (wrongSetup) throw wrongSetup;
  };

  return {
    async add(draft, deadline) {
      await untilTurn(deadline);
      if (spooling || always) return toDisk(draft, deadline);
      const opened = store();
      if (opened) return toRedis(opened, draft, deadline);
      turnToDisk(new Error('Redis has taken nothing since the start'));
      return toDisk(draft, deadline);
    },
    async addReply(draft, xml, facts, deadline) {
      const appended = spool.append({ reply: { of: nameOf(draft), xml, facts } });
      // Its push may have been replayed by now.
      appended.then(drain, nothing);
      await within(deadline - now(), appended);
    },
    written(draft, xml) {
      spool.append({ written: { of: nameOf(draft), xml } }).then(drain, nothing);
    },
    async addForgetting(whom, deadline) {
      await untilTurn(deadline);
      const opened = spooling || always ? undefined : store();
      try {
        if (opened) return await opened.forget(whom);
      } catch (error) {
        turnToDisk(error);
      }
      await within(deadline - now(), spool.append({ forget: whom }));
      drain();
    },
    isWritable: () => spool.isWritable(),
    async close() {
      clearInterval(timer);
      clearTimeout(tidying);
      ending = true;
      const idle = async () => {
        await starting;
        await draining;
      };
      await Promise.race([idle(), sleep(LAST_REPLAY, undefined, { ref: false })]);
      closed = true;
      const ended = idle().then(() => spool.close());
      await Promise.race([ended, sleep(LAST_MOMENT, undefined, { ref: false })]);
    },
  };
}

const nameOf = ({ id, entry: { account, push } }: Draft): ReplyOf => ({
  id,
  entry: { account, push: { FromUserName: push.FromUserName } },
});

/** Its rules looked at what it met when it came: now it waits its turn like any other. */
function replayed(draft: Draft, now: number): Draft {
  const { entry, facts, arrived } = draft;
  const age = Math.max(0, now - arrived);
  return {
    ...draft,
    entry: { ...entry, gated: entry.gated && age < GATE },
    // Nobody holds it any more.
    reply: draft.reply.kind === 'held' ? { kind: 'later', asker: draft.reply.asker } : draft.reply,
    opens: draft.opens && age < draft.opens.ms ? { ...draft.opens, ms: draft.opens.ms - age } : undefined,
    rules: { spooledAt: arrived, ...(draft.rules?.more ? { more: true } : {}) },
    facts: `${facts}, on disk for ${(age / 1000).toFixed(1)} s`,
  };
}
