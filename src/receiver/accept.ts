import { setTimeout as sleep } from 'node:timers/promises';
import { queueOf } from '../handlers/check.ts';
import type { AnyHandler } from '../handlers/definition.ts';
import { matchToJson, type Route, type Router } from '../handlers/route.ts';
import type { Logger } from '../log.ts';
import * as metrics from '../metrics.ts';
import { encodePushEntry } from '../store/entries.ts';
import type { Incoming, Ingest, Ingested } from '../store/ingest.ts';
import { laneId, type Names, pushKey } from '../store/keys.ts';
import { pushId } from '../wechat/dedupe.ts';
import { isKnownKey, pushKeys } from '../wechat/keys.ts';
import type { Push } from '../wechat/push.ts';
import { fixedReply, type QuickReply, runQuick } from './quick.ts';
import { createRecent } from './recent.ts';

/** The push could not be made durable in time: WeChat has to send it again. */
export class NotKeptError extends Error {
  override name = 'NotKeptError' as const;
}

/** What a push is answered with; `written` is to be called when the answer has left. */
export interface Accepted {
  /** The passive reply, or '' for `success`. */
  readonly reply: string;
  readonly key?: string;
  written?(): void;
}

/** Where pushes are kept; there is none before Redis has answered for the first time. */
export interface Store {
  readonly ingest: Ingest;
  readonly names: Names;
}

interface Options {
  readonly account: string;
  readonly route: Router;
  readonly store: () => Store | undefined;
  readonly log: Logger;
  readonly now: () => number;
}

interface Kept {
  readonly key: string;
  readonly ingest: Ingest;
  readonly as: Ingested;
}

/** WeChat gives a push five seconds; by then the answer has to be there. Milliseconds. */
const BUDGET = 4500;
/** Kept back from a quick handler's time, so that its copies still find the reply that is stored for it. */
const RESERVE = 300;
const POLL = 100;
/** How long it takes to learn that Redis does not answer; see connectReceiver. */
const SILENCE = 300;

/** Owns a push before it says so: routes it, makes its work durable, and finds its one passive reply. */
export function createAccept(options: Options): (push: Push, arrived: number) => Promise<Accepted> {
  const { account, route, log, now } = options;
  const recent = createRecent<QuickReply>();

  return async (push, arrived) => {
    const type = typeOf(push);
    const routed = route(push);
    if (!routed) {
      metrics.pushes.inc({ type, outcome: 'unhandled' });
      return { reply: '' };
    }
    const { handler, match } = routed;
    const deadline = arrived + BUDGET;
    const fixed = typeof handler.reply === 'function' ? undefined : fixedReply(handler, push, now());
    const makeReply = async (key: string) => {
      // The path of nearly every push: a child logger costs as much as all the rest of this function.
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

    const kept = await keep(options, push, routed, fixed, deadline);
    if (!kept) {
      // Redis is away and there is no work to lose: the quick reply goes on, its copies told apart in memory.
      const id = pushId(push);
      const made = await recent(`${push.FromUserName} ${id}`, () => makeReply(id));
      metrics.pushes.inc({ type, outcome: 'accepted' });
      return { reply: made.xml };
    }
    const { key, ingest, as } = kept;
    if (as.state === 'copy') {
      metrics.pushes.inc({ type, outcome: 'duplicate' });
      log.info({ key, handler: handler.name }, 'push.duplicate');
      return { reply: as.reply, key };
    }
    metrics.pushes.inc({ type, outcome: 'accepted' });
    // One line a push is what a busy account cannot use: the trace has it.
    log.debug({ key, handler: handler.name, type }, 'push.accepted');
    const made = await makeReply(key);
    // Stored before it is written, so that a copy gets the same; where that fails, the answer matters more.
    if (!fixed) await ingest.reply(key, made.xml, made.facts).catch(() => undefined);
    return { reply: made.xml, key, ...(isGated(handler) ? { written: () => ingest.written(key, made.xml) } : {}) };
  };
}

/**
 * Asks until the push is kept or, for a copy, until its reply is there. `undefined`: Redis is away, and the push brings
 * no work that could be lost.
 */
async function keep(
  { account, store, now }: Options,
  push: Push,
  { handler, match }: Route,
  fixed: QuickReply | undefined,
  deadline: number,
): Promise<Kept | undefined> {
  const describe = (names: Names): Incoming => {
    const user = names.userId(account, push.FromUserName);
    const work = handler.run !== undefined;
    return {
      key: pushKey(user, pushId(push)),
      lane: work ? laneId(queueOf(handler), user) : '',
      entry: work
        ? encodePushEntry({ gated: isGated(handler), account, handler: handler.name, match: matchToJson(match), push })
        : '',
      reply: fixed?.xml,
      facts: `accepted ${typeOf(push)} for ${handler.name}${fixed ? `, ${fixed.facts}` : ''}`,
    };
  };
  let incoming: Incoming | undefined;
  for (;;) {
    const opened = store();
    incoming ??= opened && describe(opened.names);
    const as = incoming && (await opened?.ingest.add(incoming).catch(() => undefined));
    if (opened && incoming && as && as.state !== 'wait') return { key: incoming.key, ingest: opened.ingest, as };
    if (!as && !handler.run) return undefined;
    if (now() + POLL + (as ? 0 : SILENCE) >= deadline)
      throw new NotKeptError(as ? 'the first copy of it has not been answered yet' : 'Redis did not answer in time');
    await sleep(POLL);
  }
}

/** What is sent for a push that also gets a passive reply waits until that has left. */
const isGated = (handler: AnyHandler) => handler.run !== undefined && handler.reply !== undefined;

/** The push's type for the metrics; whoever forges types must not fill them. */
function typeOf(push: Push): string {
  const key = pushKeys(push)[0] ?? 'other';
  return isKnownKey(key) ? key : 'other';
}
