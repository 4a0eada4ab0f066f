import { randomUUID } from 'node:crypto';
import { queueOf } from '../handlers/check.ts';
import type { AnyHandler } from '../handlers/definition.ts';
import { matchToJson, type Route, type Router } from '../handlers/route.ts';
import type { Texts } from '../handlers/texts.ts';
import type { Logger } from '../log.ts';
import * as metrics from '../metrics.ts';
import { pushId } from '../wechat/dedupe.ts';
import { isKnownKey, pushKeys } from '../wechat/keys.ts';
import type { Push } from '../wechat/push.ts';
import { type Draft, keyOf } from './draft.ts';
import { forgettingOf } from './forgetting.ts';
import { type KeepOptions, keep, keepForgetting } from './keep.ts';
import { fixedReply, type QuickReply, runQuick } from './quick.ts';
import { createRecent } from './recent.ts';
import { rulesOf } from './rules.ts';

export { NotKeptError } from './not-kept.ts';

/** What a push is answered with; `written` is to be called when the answer has left. */
export interface Accepted {
  /** The passive reply, or '' for `success`. */
  readonly reply: string;
  readonly key?: string;
  written?(): void;
}

interface Options extends KeepOptions {
  readonly account: string;
  readonly route: Router;
  readonly texts: Texts;
  /** Days after which a user who unfollowed is forgotten. */
  readonly forgetDays: number;
  readonly log: Logger;
}

/** WeChat gives a push five seconds; by then the answer has to be there. Milliseconds. */
const BUDGET = 4500;
/** Kept back from a quick handler's time, so that its copies still find the reply that is stored for it. */
const RESERVE = 300;

/** Owns a push before it says so: routes it, makes its work durable, and finds its one passive reply. */
export function createAccept(options: Options): (push: Push, arrived: number) => Promise<Accepted> {
  const { account, route, texts, fallback, log, now } = options;
  const askers = createAskers();
  const recent = createRecent<QuickReply>();

  return async (push, arrived) => {
    const type = typeOf(push);
    const deadline = arrived + BUDGET;
    const forgetting = forgettingOf(push, account, options.forgetDays, arrived);
    if (forgetting) await keepForgetting(options, forgetting, deadline);
    const routed = route(push);
    if (!routed) {
      metrics.pushes.inc({ type, outcome: 'unhandled' });
      return { reply: '' };
    }
    const { handler, match } = routed;
    const fixed = typeof handler.reply === 'function' ? undefined : fixedReply(() => handler.reply, push, now());
    const makeReply = async (key: string) => {
      // The path of nearly every push: nothing to run, nothing to log.
      if (fixed && !fixed.error) return fixed;
      const context = {
        push,
        match,
        openid: push.FromUserName,
        account,
        key,
        log: log.child({ key, handler: handler.name }),
      };
      const made = fixed ?? (await runQuick(handler, context, deadline - RESERVE - now(), now));
      if (made.error) context.log.error({ err: made.error }, made.event);
      return made;
    };

    const rules = rulesOf(handler, texts, push, now());
    const draft: Draft = {
      ...draftOf(account, push, routed, fixed, arrived),
      asker: fixed ? '' : askers(),
      ...(rules ? { rules } : {}),
    };
    const kept = await keep(options, draft, deadline);
    if (!kept || kept === 'spooled') {
      // Redis is away: the quick reply goes on, its copies told apart in memory.
      const { id } = draft;
      const made = await recent(`${push.FromUserName} ${id}`, () => makeReply(id));
      // Kept before it is written, as below.
      if (kept && fallback && !fixed)
        await fallback.addReply(draft, made.xml, made.facts, deadline).catch(() => undefined);
      metrics.pushes.inc({ type, outcome: 'accepted' });
      if (kept) log.debug({ key: id, handler: handler.name, type }, 'push.spooled');
      const written = () => fallback?.written(draft, made.xml);
      return { reply: made.xml, ...(kept && isGated(handler) ? { written } : {}) };
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
      return { reply: rules?.rejected ?? '', key };
    }
    metrics.pushes.inc({ type, outcome: 'accepted' });
    // One line a push is what a busy account cannot use: the trace has it.
    log.debug({ key, handler: handler.name, type }, 'push.accepted');
    const made = await makeReply(key);
    // Stored before it is written, so that a copy gets the same; where that fails, the answer matters more.
    if (!fixed) await store.ingest.reply(key, made.xml, made.facts).catch(() => undefined);
    const written = () => store.ingest.written(key, made.xml);
    return { reply: made.xml, key, ...(isGated(handler) ? { written } : {}) };
  };
}

function draftOf(
  account: string,
  push: Push,
  { handler, match }: Route,
  fixed: QuickReply | undefined,
  arrived: number,
): Omit<Draft, 'asker'> {
  return {
    id: pushId(push),
    queue: handler.run ? queueOf(handler) : '',
    entry: {
      ...(handler.whenBusy === 'merge' ? { merge: true } : {}),
      gated: isGated(handler),
      account,
      handler: handler.name,
      match: matchToJson(match),
      push,
    },
    reply: fixed?.xml,
    facts: `accepted ${typeOf(push)} for ${handler.name}${fixed ? `, ${fixed.facts}` : ''}`,
    arrived,
  };
}

/** Names nobody else uses, on any machine. */
function createAskers(): () => string {
  const mine = randomUUID();
  let count = 0;
  return () => `${mine}.${++count}`;
}

/** What is sent for a push that also gets a passive reply waits until that has left. */
const isGated = (handler: AnyHandler) => handler.run !== undefined && handler.reply !== undefined;

/** The push's type for the metrics; whoever forges types must not fill them. */
function typeOf(push: Push): string {
  const key = pushKeys(push)[0] ?? 'other';
  return isKnownKey(key) ? key : 'other';
}
