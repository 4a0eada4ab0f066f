import { setTimeout as sleep } from 'node:timers/promises';
import { toError } from '../errors.ts';
import type { Forgetting } from '../store/forgetting.ts';
import { sayRefusal } from '../store/refusal.ts';
import { earlierId } from '../wechat/dedupe.ts';
import { type Draft, incoming, type Store } from './draft.ts';
import type { Fallback, Kept } from './fallback.ts';
import { NotKeptError } from './not-kept.ts';

export interface KeepOptions {
  readonly store: () => Store | undefined;
  /** Where pushes with work go while Redis is away. Without it they are refused. */
  readonly fallback: Fallback | undefined;
  readonly now: () => number;
}

const POLL = 100;
/** How long it takes to learn that Redis does not answer; see connectReceiver. */
const SILENCE = 300;

/**
 * Tries until the push is kept or, for a copy, until its reply is there. `undefined`: Redis is away, and the push brings
 * no work that could be lost.
 */
export async function keep(options: KeepOptions, draft: Draft, deadline: number): Promise<Kept | undefined> {
  const { fallback, now } = options;
  const hasWork = draft.queue !== '';
  let its = draft;
  for (;;) {
    const add = hasWork && fallback ? fallback.add(its, deadline) : addToRedis(options, its);
    const kept = await add.catch(toError);
    if (hasEarlierClaim(kept)) {
      its = { ...draft, id: earlierId(draft.id) };
      continue;
    }
    if (kept === 'spooled' || (!(kept instanceof Error) && kept.as.state !== 'wait')) return kept;
    const failed = kept instanceof Error;
    if (failed && !hasWork) return undefined;
    if (now() + POLL + (failed ? SILENCE : 0) >= deadline)
      throw new NotKeptError(failed ? whyNot(kept) : 'the first copy of it has not been answered yet');
    await sleep(POLL);
  }
}

const hasEarlierClaim = (kept: Kept | Error) => typeof kept === 'object' && 'as' in kept && kept.as.state === 'earlier';

/** Settles once it is durable that a user is to be forgotten, or no longer is. */
export async function keepForgetting(
  { store, fallback }: KeepOptions,
  whom: Forgetting,
  deadline: number,
): Promise<void> {
  if (fallback) return fallback.addForgetting(whom, deadline);
  const opened = store();
  if (!opened) throw new NotKeptError('Redis has not answered yet');
  await opened.forget(whom).catch(failNotKept);
}

const failNotKept = (error: unknown): never => {
  const refusal = sayRefusal(error);
  throw new NotKeptError(refusal ? `Redis did not take it: ${refusal}` : 'Redis did not answer in time');
};

const whyNot = (error: Error) =>
  error instanceof NotKeptError ? error.message : `Redis did not take it, and the spool failed: ${error.message}`;

async function addToRedis({ store }: KeepOptions, draft: Draft): Promise<Kept> {
  const opened = store();
  const push = opened && incoming(opened.names, draft);
  if (!push) throw new NotKeptError('Redis did not answer in time');
  return { store: opened, key: push.key, as: await opened.ingest.add(push).catch(failNotKept) };
}
