import { randomUUID } from 'node:crypto';
import { queueOf } from '../handlers/check.ts';
import type { AnyHandler } from '../handlers/definition.ts';
import { matchToJson, type Route, type Router } from '../handlers/route.ts';
import { saying } from '../handlers/said.ts';
import { sayText, type Texts } from '../handlers/texts.ts';
import { hush, wordsOf } from '../hush.ts';
import type { Logger } from '../log.ts';
import * as metrics from '../metrics.ts';
import type { CapabilityMemory } from '../store/capability.ts';
import type { Ingested, PassiveReply } from '../store/ingest.ts';
import type { MassResults } from '../store/mass-results.ts';
import { pushId } from '../wechat/dedupe.ts';
import { isKnownKey, pushKeys } from '../wechat/keys.ts';
import type { Push } from '../wechat/push.ts';
import { openingOf } from '../wechat/window.ts';
import type { Accepted, Case, OnClose } from './case.ts';
import { type Draft, incoming, type Store } from './draft.ts';
import { forgettingOf } from './forgetting.ts';
import { type KeepOptions, keep, keepForgetting } from './keep.ts';
import { massResultOf } from './mass-result.ts';
import { fixedReply, type QuickReply, runQuick } from './quick.ts';
import { createReplies } from './reply.ts';
import { rulesOf } from './rules.ts';

export { NotKeptError } from './not-kept.ts';

interface Options extends KeepOptions {
  readonly account: string;
  readonly route: Router;
  readonly texts: Texts;
  readonly capability: CapabilityMemory;
  /** Pushes a minute that may be held past their first attempt. */
  readonly maxHeld: number;
  readonly massResults: Pick<MassResults, 'keep'>;
  /** Days after which a user who unfollowed is forgotten. */
  readonly forgetDays: number;
  readonly log: Logger;
}

/** WeChat gives a push five seconds; by then the answer has to be there. Milliseconds. */
const BUDGET = 4500;
/** Kept back from a quick handler's time, so that its copies still find the reply that is stored for it. */
const RESERVE = 300;

const FULL =
  'As much of this follower waits as WXRELAY_MAX_LANE allows: the worker is away or slow, or they write faster than it works.';

/** Takes the command for what is parked, and any push that nobody else takes while something is. */
const MORE: AnyHandler = { name: 'more', on: 'any', reply: () => undefined };
const asksForMore = saying('继续');

const isCommand = (push: Push): boolean => push.MsgType !== 'event' && asksForMore(push);

/** Owns a push before it says so: routes it, makes its work durable, and finds its one passive reply. */
export function createAccept(options: Options): (push: Push, arrived: number, onClose: OnClose) => Promise<Accepted> {
  const { account, route, texts, capability, log, now } = options;
  const canSend = () => capability.current === 'on';
  const replies = createReplies(options);
  const askers = createAskers();

  /** The handler of a push; of one that nobody takes, only where its reply carries what waits for one, or did. */
  const routeOf = async (push: Push): Promise<Route | undefined> => {
    const store = options.store();
    const routed = route(push);
    const asks = isCommand(push) && !canSend();
    if (!store || (routed && !asks) || !openingOf(push)) return routed;
    const as = await opensWindow(store, push);
    const isMore = (as?.state === 'new' && as.parked) || (!routed && as?.state === 'answered');
    return isMore ? { handler: MORE, match: undefined } : routed;
  };

  /** Notes the window of a push that is not claimed, and looks what waits for its user. */
  const opensWindow = (store: Store, push: Push): Promise<Ingested | undefined> => {
    const entry = { gated: false, account, handler: '', push };
    const draft: Draft = { id: pushId(push), queue: '', entry, reply: { kind: 'none' }, facts: '', arrived: now() };
    return store.ingest.add(incoming(store.names, { ...draft, opens: openingOf(push) })).catch(() => undefined);
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
      if (made.error) its.error({ err: hush(made.error, wordsOf(push)) }, made.event);
      return made;
    };
    const makeReply = (key: string) => {
      made ??= makeOnce(key);
      return made;
    };
    return { push, handler, draft, arrived, deadline, onClose, makeReply };
  };

  return async (push, arrived, onClose) => {
    const type = typeOf(push);
    const forgetting = forgettingOf(push, account, options.forgetDays, arrived);
    if (forgetting) await keepForgetting(options, forgetting, arrived + BUDGET);
    const sent = massResultOf(push);
    // Nobody waits for it: the state alone can be asked for, too.
    if (sent) options.massResults.keep(sent).catch((error) => log.warn({ err: error }, 'mass_result.not_kept'));
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
      return replies.withoutRedis(its, kept === 'spooled');
    }
    const { store, key, as } = kept;
    if (as.state === 'copy') {
      metrics.pushes.inc({ type, outcome: 'duplicate' });
      log.info({ key, handler: handler.name }, 'push.duplicate');
      return { reply: as.reply, key };
    }
    if (as.state === 'rejected') {
      metrics.pushes.inc({ type, outcome: 'rejected' });
      log.info({ key, handler: handler.name }, 'push.rejected');
      return { reply: draft.rules?.rejected ?? '', key };
    }
    if (as.state === 'full') {
      metrics.pushes.inc({ type, outcome: 'rejected' });
      metrics.fullLanes.inc({ outcome: 'rejected' });
      log.warn({ key, handler: handler.name, advice: FULL }, 'lane.full');
      const { xml } = fixedReply(() => sayText(texts.rejected, push), push, now());
      const reply = await store.ingest
        .reply(key, xml, 'rejected: too much waits for its user already')
        .catch(() => xml);
      return { reply: reply ?? xml, key };
    }
    if (as.state === 'more') {
      metrics.pushes.inc({ type, outcome: 'accepted' });
      return { reply: '', key };
    }
    metrics.pushes.inc({ type, outcome: as.state === 'held' && as.attempt > 1 ? 'duplicate' : 'accepted' });
    // One line a push is what a busy account cannot use: the trace has it.
    log.debug({ key, handler: handler.name, type }, 'push.accepted');
    if (as.state === 'held') return replies.held(its, store, key, as);
    if (as.state === 'over') return replies.full(its, store, key, 'over');
    // Whoever claimed it before us may have died with what waits in his hands.
    if (as.state === 'again' || (as.state === 'new' && as.parked)) return replies.full(its, store, key);
    return replies.quick(its, store, key);
  };
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
