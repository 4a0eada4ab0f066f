import { toError } from '../errors.ts';
import { sayText, type Texts } from '../handlers/texts.ts';
import type { Logger } from '../log.ts';
import { answerLaneOf, type Claimed } from '../store/answers.ts';
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
  /** The handler's reply together with answers that are parked. */
  withParked(its: Case, store: Store, key: PushKey): Promise<Accepted>;
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
  const recent = createRecent<QuickReply>();

  /** What is said where the answer can only come with the reply to a later push. */
  const replyOrBusy = async ({ push, handler, makeReply }: Case, key: string, late = false): Promise<QuickReply> => {
    const made = await makeReply(key);
    if (made.message || !handler.run || canSend() || (capability.current === 'unknown' && !late)) return made;
    return fixedReply(() => sayText(texts.busy, push), push, now());
  };

  /** Redis is away: the quick reply goes on, its copies told apart in memory. */
  const withoutRedis = async (its: Case, spooled: boolean): Promise<Accepted> => {
    const { push, draft, deadline } = its;
    const made = await recent(`${push.FromUserName} ${draft.id}`, () => replyOrBusy(its, draft.id));
    // Kept before it is written, so that a copy gets the same later.
    if (spooled && fallback && draft.reply.kind !== 'known')
      await fallback.addReply(draft, made.xml, made.facts, deadline).catch(() => undefined);
    if (!spooled || !draft.entry.gated) return { reply: made.xml };
    return { reply: made.xml, written: () => fallback?.written(draft, made.xml) };
  };

  /** The reply that the handler makes by itself. */
  const quickReply = async (its: Case, store: Store, key: PushKey, late = false): Promise<Accepted> => {
    const { draft } = its;
    const made = await replyOrBusy(its, key, late);
    // Stored before it is written, so that a copy gets the same; where that fails, the answer matters more.
    if (draft.reply.kind !== 'known') await store.ingest.reply(key, made.xml, made.facts).catch(() => undefined);
    const written = () => store.ingest.written(key, made.xml);
    return { reply: made.xml, key, ...(draft.entry.gated ? { written } : {}) };
  };

  /** A reply with what waits for one: parked answers, this push's own, its quick reply; `undefined` where none can carry it. */
  const fullReply = async (
    its: Case,
    store: Store,
    key: PushKey,
    what: { parked: boolean; claimed?: Claimed; quick?: boolean },
  ): Promise<Accepted | undefined> => {
    const { push, handler, makeReply } = its;
    const { claimed } = what;
    const letGo = () => void store.answers.letGo(key, claimed).catch(() => undefined);
    const parked = what.parked && !canSend() ? await store.answers.takeParked(key).catch(() => []) : [];
    const made = what.quick ? await makeReply(key) : undefined;
    const waits = parked.length > 0 || claimed !== undefined;
    const compose = async () => {
      // Where the account can send, messages come before a page.
      const page = canSend() ? undefined : store.pages?.offer(userOfKey(key));
      const files = await serveFiles(store, key, [...parked, ...(claimed?.parts ?? [])]);
      const carry = (url?: string) => {
        const what = { key, push, texts, parked, claimed, quick: made?.message, page: url, files };
        return carryOver({ ...what, account, handler: handler.name, now: now() });
      };
      const full = carry(page?.url);
      if (!page || !full?.page) return full;
      // Kept before anybody can follow the link; where that fails, the rest is parked.
      return store.pages?.keep(userOfKey(key), page.id, full.page).then(
        () => full,
        () => carry(),
      );
    };
    const carried = waits
      ? await compose().catch((error) => void log.error({ key, err: toError(error) }, 'reply.not_composed'))
      : undefined;
    // Where the account can send, an answer that needs more than one reply goes out whole that way.
    if (!carried || (canSend() && carried.parked.length > 0)) {
      if (waits) letGo();
      return undefined;
    }
    const written = () =>
      void store.answers.handOver(key, carried).then(
        ({ wake }) => wake && store.wake(key, answerLaneOf(key)),
        () => undefined,
      );
    return { reply: carried.reply, key, written, unsent: letGo };
  };

  /** Keeps the push open for its answer; what is said where none comes. */
  const heldReply = async (
    its: Case,
    store: Store,
    key: PushKey,
    as: Extract<Ingested, { state: 'held' }>,
  ): Promise<Accepted> => {
    const { handler, draft, arrived, deadline, onClose } = its;
    const isLong = !canSend();
    const latest = typeof handler.reply === 'function' ? deadline - FOR_REPLY : deadline;
    const wait = Math.min(arrived + (handler.wait ?? 0), latest);
    const lane = laneId(draft.queue, userOfKey(key));
    const held = await hold({
      store,
      key,
      lane,
      asker: draft.reply.kind === 'held' ? draft.reply.asker : '',
      until: isLong ? latest : wait,
      lookFirst: as.attempt > 1,
      released: isLong ? () => canSend() && now() >= wait : undefined,
      onClose,
      now,
    });
    if (held === 'gone') return { reply: undefined, key };
    if (typeof held === 'object' && 'said' in held) return { reply: held.said, key };
    if (typeof held === 'object') {
      const full = await fullReply(its, store, key, { parked: as.parked, claimed: held });
      if (full) return full;
    }
    if (held === 'late' && !canSend()) {
      const isLast = as.attempt >= LAST_ATTEMPT || as.sinceFirst >= LAST_BEGINS;
      const mayBeLate = as.attempt > 1 || (await store.answers.mayBeLate(key, lane, maxHeld).catch(() => false));
      if (!isLast && mayBeLate) return { reply: undefined, key };
      const full = await fullReply(its, store, key, { parked: as.parked });
      return full ?? quickReply(its, store, key, true);
    }
    return as.parked ? withParked(its, store, key) : quickReply(its, store, key);
  };

  const withParked = async (its: Case, store: Store, key: PushKey): Promise<Accepted> =>
    (await fullReply(its, store, key, { parked: true, quick: true })) ?? quickReply(its, store, key);

  return { withoutRedis, quick: quickReply, withParked, held: heldReply };
}

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
