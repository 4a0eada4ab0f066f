import type { Redis } from 'ioredis';
import type { AnyHandler, RunContext } from '../handlers/definition.ts';
import { type Run, type Status, statusOf } from '../store/lanes.ts';
import type { Nudges } from '../store/nudges.ts';
import { isStream, pour } from './pour.ts';

export type Ended =
  | { readonly kind: 'done'; readonly answer: unknown }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** The worker shuts down; the run counts nothing. */
  | { readonly kind: 'stopped' }
  /** A later push has taken its place. */
  | { readonly kind: 'replaced' }
  /** Another worker owns the lane by now. */
  | { readonly kind: 'lost' };

export interface Bounds {
  readonly redis: Redis;
  readonly nudges: Nudges;
  readonly run: Run;
  /** What the run's lane has at its head. */
  readonly headId: string;
  readonly drained: AbortSignal;
  /** Milliseconds. */
  readonly timeout: number;
  /** Hands on a part of an answer that comes in parts. */
  readonly say: (said: unknown) => Promise<Status>;
}

/** Ours, and not the handler's. */
export class LateError extends Error {}

/** How long a run that was aborted may take to end by itself. */
const GRACE = 5000;
/** How often a run that nobody nudges looks whether it may go on. */
const WATCH = 5000;

/** Runs a handler until it ends, its time is up, the worker shuts down, a later push replaces it, or the lane is another's. */
export async function runHandler(
  handler: Pick<AnyHandler, 'run'>,
  context: Omit<RunContext<unknown, unknown>, 'signal'>,
  { redis, nudges, run, headId, drained, timeout, say }: Bounds,
): Promise<Ended> {
  if (drained.aborted) return { kind: 'stopped' };
  const controller = new AbortController();
  let ended: Ended | undefined;
  const abort = (how: Ended, why: Error) => {
    ended ??= how;
    controller.abort(why);
  };
  const timer = setTimeout(() => {
    const late = new LateError(`the handler ran longer than its timeout of ${timeout} ms`);
    abort({ kind: 'failed', error: late }, late);
  }, timeout);
  const obey = (status: Status) => {
    if (status !== 'mine') abort({ kind: status }, new Error(WHY[status]));
  };
  const look = () => void statusOf(redis, run, headId).then(obey, () => undefined);
  const watch = setInterval(look, WATCH);
  const unlisten = nudges.on(run.tag, run.lane, look);
  const onDrained = () => abort({ kind: 'stopped' }, new Error('this worker shuts down'));
  drained.addEventListener('abort', onDrained, { once: true });
  try {
    const { signal } = controller;
    const settled = await settle(async () => {
      const answer = await handler.run?.({ ...context, signal });
      if (!isStream(answer)) return answer;
      return pour(answer, async (said) => obey(await say(said)), signal);
    }, signal);
    // An answer that came although the run was stopped is as good as any; one after the timeout is refused.
    if (ended?.kind === 'stopped' && settled?.kind === 'done') return settled;
    const how = ended ?? settled ?? { kind: 'stopped' };
    // Who failed is tried again or given up on; who was replaced meanwhile, and was not told yet, is not.
    const status = how.kind === 'failed' ? await statusOf(redis, run, headId) : 'mine';
    return status === 'mine' ? how : { kind: status };
  } finally {
    clearTimeout(timer);
    clearInterval(watch);
    unlisten();
    drained.removeEventListener('abort', onDrained);
  }
}

const WHY = {
  lost: 'another worker has taken this push over',
  replaced: 'a later push of this user has taken its place',
};

/** The run's own end, or `undefined` where it has not come within the grace after an abort. */
function settle(start: () => Promise<unknown>, signal: AbortSignal): Promise<Ended | undefined> {
  return new Promise((resolve) => {
    start().then(
      (answer) => resolve({ kind: 'done', answer }),
      (error) => resolve({ kind: 'failed', error }),
    );
    signal.addEventListener('abort', () => setTimeout(resolve, GRACE, undefined).unref(), { once: true });
  });
}
