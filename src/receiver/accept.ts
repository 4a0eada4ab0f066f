import { randomUUID } from 'node:crypto';
import { queueOf } from '../handlers/check.ts';
import type { AnyHandler } from '../handlers/definition.ts';
import { matchToJson, type Route, type Router } from '../handlers/route.ts';
import { sayText, type Texts } from '../handlers/texts.ts';
import type { Logger } from '../log.ts';
import * as metrics from '../metrics.ts';
import { answerLaneOf, type Claimed } from '../store/answers.ts';
import type { CapabilityMemory } from '../store/capability.ts';
import { readAnswerEntry } from '../store/entries.ts';
import type { Ingested, PassiveReply } from '../store/ingest.ts';
import { laneId, type PushKey, userOfKey } from '../store/keys.ts';
import type { Entry } from '../store/lanes.ts';
import { pushId } from '../wechat/dedupe.ts';
import { isKnownKey, pushKeys } from '../wechat/keys.ts';
import type { Push } from '../wechat/push.ts';
import { openingOf } from '../wechat/window.ts';
import { carryOver } from './carry-over.ts';
import { type Draft, incoming, keyOf, type Store } from './draft.ts';
import { forgettingOf } from './forgetting.ts';
import { hold } from './hold.ts';
import { type KeepOptions, keep, keepForgetting } from './keep.ts';
import { fixedReply, type QuickReply, runQuick } from './quick.ts';
import { createRecent } from './recent.ts';
import { rulesOf } from './rules.ts';

export { NotKeptError } from './not-kept.ts';

/** What a push is answered with. */
export interface Accepted {
  /** The passive reply, or '' for `success`; `undefined` where WeChat is left to hang up and to try again. */
  readonly reply: string | undefined;
  readonly key?: string;
  /** To be called when the answer has left. */
  written?(): void;
  /** To be called when the connection was closed before that. */
  unsent?(): void;
}

/** Calls back when a push's connection is closed, and returns how to stop listening. */
export type OnClose = (listener: () => void) => () => void;

interface Options extends KeepOptions {
  readonly account: string;
  readonly route: Router;
  readonly texts: Texts;
  readonly capability: CapabilityMemory;
  /** Pushes a minute that may be held past their first attempt. */
  readonly maxHeld: number;
  /** Days after which a user who unfollowed is forgotten. */
  readonly forgetDays: number;
  readonly log: Logger;
}

/** WeChat gives a push five seconds; by then the answer has to be there. Milliseconds. */
const BUDGET = 4500;
/** Kept back from a quick handler's time, so that its copies still find the reply that is stored for it. */
const RESERVE = 300;
/** Kept back from holding a push whose handler then still makes its reply. */
const FOR_REPLY = 1000;
/** WeChat sends a push three times, some five seconds apart: from here on this is the last that it waits for. */
const LAST_ATTEMPT = 3;
const LAST_BEGINS = 10_000;

/** Takes the command for what is parked, and any push that nobody else takes while something is. */
const MORE: AnyHandler = { name: 'more', on: 'any', reply: () => undefined };
const COMMAND = '继续';

const isCommand = (push: Push): boolean =>
  'Content' in push && push.MsgType === 'text' && push.Content?.trim() === COMMAND;

/** One push on its way through the receiver. */
interface Case {
  readonly push: Push;
  readonly handler: AnyHandler;
  readonly draft: Draft;
  readonly arrived: number;
  readonly deadline: number;
  readonly onClose: OnClose;
  /** The reply, made at most once. */
  makeReply(key: string): Promise<QuickReply>;
}

/** Owns a push before it says so: routes it, makes its work durable, and finds its one passive reply. */
export function createAccept(options: Options): (push: Push, arrived: number, onClose: OnClose) => Promise<Accepted> {
  const { account, route, texts, capability, fallback, log, now } = options;
  const canSend = () => capability.current === 'on';
  const recent = createRecent<QuickReply>();
  const askers = createAskers();

  /** The handler of a push; of one that nobody takes, only where something is parked that its reply can carry. */
  const routeOf = async (push: Push): Promise<Route | undefined> => {
    const store = options.store();
    const only = store && !canSend() ? store : undefined;
    if (only && isCommand(push) && (await opensWindow(only, push))) return { handler: MORE, match: undefined };
    const routed = route(push);
    if (routed || !store || !openingOf(push)) return routed;
    return (await opensWindow(store, push)) && only ? { handler: MORE, match: undefined } : undefined;
  };

  /** Notes the window of a push that is not claimed; true where answers are parked for its user. */
  const opensWindow = async (store: Store, push: Push): Promise<boolean> => {
    const entry = { gated: false, account, handler: '', push };
    const draft: Draft = { id: pushId(push), queue: '', entry, reply: { kind: 'none' }, facts: '', arrived: now() };
    const as = await store.ingest
      .add(incoming(store.names, { ...draft, opens: openingOf(push) }))
      .catch(() => undefined);
    return as?.state === 'new' && as.parked;
  };

  const caseOf = (push: Push, routed: Route, arrived: number, onClose: OnClose): Case => {
    const { handler, match } = routed;
    const deadline = arrived + BUDGET;
    const fixed = typeof handler.reply === 'function' ? undefined : fixedReply(() => handler.reply, push, now());
    const holds = handler.run !== undefined && ((handler.wait ?? 0) > 0 || !canSend());
    const rules = isCommand(push)
      ? { ...rulesOf(handler, texts, push, now()), more: true }
      : rulesOf(handler, texts, push, now());
    const reply: PassiveReply = holds
      ? { kind: 'held', asker: askers() }
      : fixed
        ? { kind: 'known', xml: fixed.xml }
        : { kind: 'later', asker: askers() };
    const draft: Draft = {
      id: pushId(push),
      queue: handler.run ? queueOf(handler) : '',
      entry: {
        ...(handler.whenBusy === 'merge' ? { merge: true } : {}),
        gated: holds || (handler.run !== undefined && handler.reply !== undefined),
        account,
        handler: handler.name,
        match: matchToJson(match),
        push,
      },
      reply,
      opens: openingOf(push),
      ...(rules ? { rules } : {}),
      facts: `accepted ${typeOf(push)} for ${handler.name}${reply.kind === 'known' ? `, ${fixed?.facts}` : ''}`,
      arrived,
    };
    let made: Promise<QuickReply> | undefined;
    const makeOnce = async (key: string) => {
      // The path of nearly every push: nothing to run, nothing to log.
      if (fixed && !fixed.error) return fixed;
      const its = log.child({ key, handler: handler.name });
      const context = { push, match, openid: push.FromUserName, account, key, log: its };
      const made = fixed ?? (await runQuick(handler, context, deadline - RESERVE - now(), now));
      if (made.error) its.error({ err: made.error }, made.event);
      return made;
    };
    const makeReply = (key: string) => {
      made ??= makeOnce(key);
      return made;
    };
    return { push, handler, draft, arrived, deadline, onClose, makeReply };
  };

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
    // Where the account can send, messages come before a page.
    const page = waits && !canSend() ? store.pages?.offer(userOfKey(key)) : undefined;
    const files = await serveFiles(store, key, [...parked, ...(claimed?.parts ?? [])]);
    const carry = (url?: string) => {
      const what = { key, push, texts, parked, claimed, quick: made?.message, page: url, files };
      return carryOver({ ...what, account, handler: handler.name, now: now() });
    };
    const full = waits ? carry(page?.url) : undefined;
    // Kept before anybody can follow the link; where that fails, the rest is parked.
    const keeping = page && full?.page && store.pages?.keep(userOfKey(key), page.id, full.page);
    const carried = await (keeping ?? Promise.resolve()).then(
      () => full,
      () => carry(),
    );
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
      const mayBeLate =
        as.attempt > 1 || (await store.answers.mayBeLate(key, lane, options.maxHeld).catch(() => false));
      if (!isLast && mayBeLate) return { reply: undefined, key };
      const full = await fullReply(its, store, key, { parked: as.parked });
      return full ?? quickReply(its, store, key, true);
    }
    const full = as.parked && (await fullReply(its, store, key, { parked: true, quick: true }));
    return full || quickReply(its, store, key);
  };

  return async (push, arrived, onClose) => {
    const type = typeOf(push);
    const forgetting = forgettingOf(push, account, options.forgetDays, arrived);
    if (forgetting) await keepForgetting(options, forgetting, arrived + BUDGET);
    const routed = await routeOf(push);
    if (!routed) {
      metrics.pushes.inc({ type, outcome: 'unhandled' });
      return { reply: '' };
    }
    const its = caseOf(push, routed, arrived, onClose);
    const { draft, handler } = its;
    const kept = await keep(options, draft, its.deadline);
    if (!kept || kept === 'spooled') {
      metrics.pushes.inc({ type, outcome: 'accepted' });
      if (kept) log.debug({ key: draft.id, handler: handler.name, type }, 'push.spooled');
      return withoutRedis(its, kept === 'spooled');
    }
    const { store, as } = kept;
    const key = keyOf(store.names, draft);
    if (as.state === 'copy') {
      metrics.pushes.inc({ type, outcome: 'duplicate' });
      log.info({ key, handler: handler.name }, 'push.duplicate');
      return { reply: as.reply, key };
    }
    if (as.state === 'rejected') {
      metrics.pushes.inc({ type, outcome: 'refused' });
      log.info({ key, handler: handler.name }, 'push.refused');
      return { reply: draft.rules?.rejected ?? '', key };
    }
    if (as.state === 'more') {
      metrics.pushes.inc({ type, outcome: 'accepted' });
      return { reply: '', key };
    }
    metrics.pushes.inc({ type, outcome: as.state === 'held' && as.attempt > 1 ? 'duplicate' : 'accepted' });
    // One line a push is what a busy account cannot use: the trace has it.
    log.debug({ key, handler: handler.name, type }, 'push.accepted');
    if (as.state === 'held') return heldReply(its, store, key, as);
    const full = as.state === 'new' && as.parked && (await fullReply(its, store, key, { parked: true, quick: true }));
    return full || quickReply(its, store, key);
  };
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

/** Names nobody else uses, on any machine. */
function createAskers(): () => string {
  const mine = randomUUID();
  let count = 0;
  return () => `${mine}.${++count}`;
}

/** The push's type for the metrics; whoever forges types must not fill them. */
function typeOf(push: Push): string {
  const key = pushKeys(push)[0] ?? 'other';
  return isKnownKey(key) ? key : 'other';
}
