import type { Attempt, Claimed, Said } from '../store/answers.ts';
import { answerLaneOf } from '../store/answers.ts';
import type { PushKey } from '../store/keys.ts';
import type { Store } from './draft.ts';

interface Holding {
  readonly store: Store;
  readonly key: PushKey;
  readonly attempt: Attempt;
  /** Whether what is parked may go along. */
  readonly withParked: () => boolean;
  /** Until when the answer may come; milliseconds since 1970. */
  readonly until: number;
  /** The answer may be waiting already. */
  readonly lookFirst: boolean;
  /** Whether there is no need to wait any more; asked now and then. Without it the push is held to the end. */
  readonly released?: (() => boolean) | undefined;
  /** Calls back when the connection is closed, and returns how to stop listening. */
  onClose(listener: () => void): () => void;
  readonly now: () => number;
}

/** How holding ended. `over`: no answer will come. `late`: none came in time. `gone`: WeChat has hung up. */
export type Held = Claimed | Said | 'over' | 'released' | 'late' | 'gone';

/** Looks at the end again, for a nudge may get lost; a little before it, for the answer still has to be written. */
const LAST_LOOK = 150;
/** How often a push that is held while nobody knows the account looks whether it has to be. */
const LOOK = 250;

/** Keeps a push's request open until its answer is there and is ours to say, or there is no point in waiting any longer. */
export async function hold(holding: Holding): Promise<Held> {
  const { store, key, attempt, withParked, until, lookFirst, released, onClose, now } = holding;
  const wake = createWake();
  let closed = false;
  const unlisten = store.nudges?.on(store.names.tagOf(key), answerLaneOf(key), wake.up);
  const stopWaiting = onClose(() => {
    closed = true;
    wake.up();
  });
  const look = () => store.answers.claim(key, attempt, withParked()).catch(() => undefined);
  try {
    let nudged = lookFirst;
    for (;;) {
      if (closed) return 'gone';
      const last = now() >= until - LAST_LOOK;
      const found = nudged || last ? await look() : undefined;
      if (found) return found;
      if (last) return 'late';
      if (released?.()) return 'released';
      nudged = await wake.within(Math.min(released ? LOOK : until, until - LAST_LOOK - now()));
    }
  } finally {
    unlisten?.();
    stopWaiting();
  }
}

/** Waits to be woken; true where it was, also before it began to wait. */
function createWake() {
  let woken = false;
  let notify: (() => void) | undefined;
  return {
    up() {
      woken = true;
      notify?.();
    },
    async within(ms: number): Promise<boolean> {
      if (!woken)
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.max(0, ms));
          notify = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      notify = undefined;
      const was = woken;
      woken = false;
      return was;
    },
  };
}
