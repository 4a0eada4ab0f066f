import { toError } from '../errors.ts';
import { sayText, type Texts } from '../handlers/texts.ts';
import type { Logger } from '../log.ts';
import { type Attempt, answerLaneOf, type Claimed } from '../store/answers.ts';
import type { CapabilityMemory } from '../store/capability.ts';
import { readAnswerEntry } from '../store/entries.ts';
import type { Ingested } from '../store/ingest.ts';
import { laneId, type PushKey, userOfKey } from '../store/keys.ts';
import type { Entry } from '../store/lanes.ts';
import { carryOver } from './carry-over.ts';
import type { Accepted, Case } from './case.ts';
import type { Store } from './draft.ts';
import type { Fallback } from './fallback.ts';
import { hold } from './hold.ts';
import { fixedReply, type QuickReply } from './quick.ts';
import { createRecent } from './recent.ts';

interface Options {
  readonly account: string;
  readonly texts: Texts;
  readonly capability: CapabilityMemory;
  /** Pushes a minute that may be held past their first attempt. */
  readonly maxHeld: number;
  readonly fallback: Fallback | undefined;
  readonly log: Logger;
  readonly now: () => number;
}

/** The ways to the one passive reply of a push. */
export interface Replies {
  /** Redis is away: the quick reply goes on, its copies told apart in memory. */
  withoutRedis(its: Case, spooled: boolean): Promise<Accepted>;
  /** The reply that the handler makes by itself. */
  quick(its: Case, store: Store, key: PushKey): Promise<Accepted>;
  /** The same, together with what waits for a reply to its user; `over`: its answer will never come. */
  full(its: Case, store: Store, key: PushKey, over?: 'over'): Promise<Accepted>;
  /** Keeps the push open for its answer; what is said where none comes. */
  held(its: Case, store: Store, key: PushKey, as: Extract<Ingested, { state: 'held' }>): Promise<Accepted>;
}

/** Kept back from holding a push whose handler then still makes its reply. Milliseconds. */
const FOR_REPLY = 1000;
/** WeChat sends a push three times, some five seconds apart: from here on this is the last that it waits for. */
const LAST_ATTEMPT = 3;
const LAST_BEGINS = 10_000;

export function createReplies({ account, texts, capability, maxHeld, fallback, log, now }: Options): Replies {
  const canSend = () => capability.current === 'on';
  const recent = createRecent<ToSay>();

  /**
   * What a push is told by itself. `late`: its answer has not come in time. `over`: it never will; else it can only come with
   * the reply to a later push, where the account cannot send, and that is said.
   */
  const toSay = async ({ push, handler, makeReply }: Case, key: string, end?: 'late' | 'over'): Promise<ToSay> => {
    const made = await makeReply(key);
    if (made.message || !handler.run || end === 'over' || canSend()) return { made, isBusy: false };
    if (capability.current === 'unknown' && end !== 'late') return { made, isBusy: false };
    return { made: fixedReply(() => sayText(texts.busy, push), push, now()), isBusy: true };
  };

  /** Redis is away: the quick reply goes on, its copies told apart in memory. */
  const withoutRedis = async (its: Case, spooled: boolean): Promise<Accepted> => {
    const { push, draft, deadline } = its;
    const { made } = await recent(`${push.FromUserName} ${draft.id}`, () => toSay(its, draft.id));
    // Kept before it is written, so that a copy gets the same later.
    if (spooled && fallback && draft.reply.kind !== 'known')
      await fallback.addReply(draft, made.xml, made.facts, deadline).catch(() => undefined);
    if (!spooled || !draft.entry.gated) return { reply: made.xml };
    return { reply: made.xml, written: () => fallback?.written(draft, made.xml) };
  };

  /** The reply that the handler makes by itself. */
  const quickReply = async (
    its: Case,
    store: Store,
    key: PushKey,
    { made }: Pick<ToSay, 'made'>,
  ): Promise<Accepted> => {
    const { draft } = its;
    // Stored before it is written, so that a copy gets the same; where that fails, the answer matters more.
    const reply =
      draft.reply.kind === 'known'
        ? made.xml
        : await store.ingest.reply(key, made.xml, made.facts, attemptOf(its, key).asker).catch(() => made.xml);
    if (reply === undefined) return sayAsLater(its, store, key);
    return { reply, key, ...(draft.entry.gated ? { written: () => store.ingest.written(key, reply) } : {}) };
  };

  /** A later attempt of the push is there, and finds the reply: both say the same. */
  const sayAsLater = async (its: Case, store: Store, key: PushKey): Promise<Accepted> => {
    const held = await holdOpen(its, store, key, { until: its.deadline });
    return { reply: typeof held === 'object' && 'said' in held ? held.said : undefined, key };
  };

  const holdOpen = (
    its: Case,
    store: Store,
    key: PushKey,
    how: { until: number; lookFirst?: boolean; released?: (() => boolean) | undefined },
  ) =>
    hold({
      store,
      key,
      attempt: attemptOf(its, key),
      withParked: () => !canSend(),
      lookFirst: false,
      released: undefined,
      onClose: its.onClose,
      now,
      ...how,
    });

  /** A reply with what waits for one, and what is said besides; `undefined` where none can carry it. */
  const carrying = async (
    its: Case,
    store: Store,
    key: PushKey,
    claimed: Claimed,
    said?: ToSay,
  ): Promise<Accepted | undefined> => {
    const { push, handler } = its;
    const letGo = () =>
      void store.answers.letGo(key, claimed.run).then(
        (ours) => ours && store.wake(key, answerLaneOf(key)),
        () => undefined,
      );
    const compose = async () => {
      // Where the account can send, messages come before a page.
      const page = canSend() ? undefined : store.pages?.offer(userOfKey(key));
      const files = await serveFiles(store, key, claimed.parts);
      const carry = (url?: string, quick: QuickReply['message'] | null = said?.made.message) => {
        const what = { key, push, texts, claimed, quick: quick ?? undefined, page: url, files };
        return carryOver({ ...what, account, handler: handler.name, now: now() });
      };
      const all = carry(page?.url);
      // That it is busy would be no news by the time the rest is read.
      const tooMuch = said?.isBusy && all && (all.page || all.parked.length > 0);
      const full = tooMuch ? carry(page?.url, null) : all;
      if (!page || !full?.page) return full;
      // Kept before anybody can follow the link; where that fails, the rest is parked.
      return store.pages?.keep(userOfKey(key), page.id, full.page).then(
        () => full,
        () => carry(),
      );
    };
    const carried = await compose().catch(
      (error) => void log.error({ key, err: toError(error) }, 'reply.not_composed'),
    );
    // Where the account can send, an answer that needs more than one reply goes out whole that way.
    if (!carried || (canSend() && carried.parked.length > 0)) {
      letGo();
      return undefined;
    }
    const written = () =>
      void store.answers.handOver(key, carried).then(
        ({ wake }) => wake && store.wake(key, answerLaneOf(key)),
        () => undefined,
      );
    return { reply: carried.reply, key, written, unsent: letGo };
  };

  /** The reply to a push that is held no longer, or never was, with what waits for one. */
  const full = async (its: Case, store: Store, key: PushKey, end?: 'late' | 'over'): Promise<Accepted> => {
    const said = await toSay(its, key, end);
    const waiting = canSend()
      ? undefined
      : await store.answers.claimWaiting(key, attemptOf(its, key).asker).catch(() => undefined);
    return (waiting && (await carrying(its, store, key, waiting, said))) ?? quickReply(its, store, key, said);
  };

  /** Keeps the push open for its answer; what is said where none comes. */
  const heldReply = async (
    its: Case,
    store: Store,
    key: PushKey,
    as: Extract<Ingested, { state: 'held' }>,
  ): Promise<Accepted> => {
    const { handler, arrived, deadline } = its;
    const isLong = !canSend();
    const isLast = as.attempt >= LAST_ATTEMPT || as.sinceFirst >= LAST_BEGINS;
    const mayBeLate = async () =>
      !isLast &&
      (as.attempt > 1 || (await store.answers.mayBeLate(key, attemptOf(its, key).lane, maxHeld).catch(() => false)));
    const makes = typeof handler.reply === 'function';
    const inTime = makes && (isLast || as.attempt === 1) ? deadline - FOR_REPLY : deadline;
    const wait = Math.min(arrived + (handler.wait ?? 0), inTime);
    const released = isLong ? () => canSend() && now() >= wait : undefined;
    let until = isLong ? inTime : wait;
    let held = await holdOpen(its, store, key, { until, lookFirst: as.attempt > 1, released });
    if (held === 'late' && !canSend() && (await mayBeLate())) {
      if (until < deadline) {
        until = deadline;
        held = await holdOpen(its, store, key, { until, lookFirst: true, released });
      }
      if (held === 'late' && !canSend()) return { reply: undefined, key };
    }
    if (held === 'gone') return { reply: undefined, key };
    if (typeof held === 'object' && 'said' in held) return { reply: held.said, key };
    const carried = typeof held === 'object' && (await carrying(its, store, key, held));
    if (carried) return carried;
    return full(its, store, key, held === 'late' || held === 'over' ? held : undefined);
  };

  return {
    withoutRedis,
    quick: async (its, store, key) => quickReply(its, store, key, await toSay(its, key)),
    full,
    held: async (...args) => ({ ...(await heldReply(...args)), held: true }),
  };
}

/** What a push is told by itself; `isBusy`: that its answer is still to come. */
interface ToSay {
  readonly made: QuickReply;
  readonly isBusy: boolean;
}

const attemptOf = ({ draft: { reply, queue } }: Case, key: PushKey): Attempt => ({
  asker: reply.kind === 'held' ? reply.asker : '',
  lane: laneId(queue, userOfKey(key)),
});

/** Makes the files that wait to be uploaded readable: a reply cannot wait for that. */
async function serveFiles(store: Store, key: PushKey, entries: readonly Entry[]): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const { json } of store.pages ? entries : []) {
    const { media } = readAnswerEntry(json);
    if (!media || 'url' in media) continue;
    const url = await store.pages?.keepFile(userOfKey(key), media).catch(() => undefined);
    if (url) files.set(media.blob, url);
  }
  return files;
}
