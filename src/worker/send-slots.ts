import type { Outcome } from './stage.ts';

/** How many jobs of handlers send their own answers at once, and whether they may. */
export interface SendSlots {
  /**
   * Takes a slot for a send that the job of a handler makes, where one is free. None is from a send that failed until one
   * succeeds: a slow or failing API holds no handler's slot.
   */
  take(): boolean;
  /** Gives it back. */
  release(): void;
  /** Hears how a send went. */
  learn(outcome: Outcome): void;
}

export function createSendSlots(limit: number): SendSlots {
  let taken = 0;
  let failing = false;
  return {
    take() {
      if (failing || taken >= limit) return false;
      taken++;
      return true;
    },
    release() {
      taken--;
    },
    learn({ kind }) {
      if (kind === 'done') failing = false;
      else if (kind === 'back') failing = true;
    },
  };
}
