/** Wrong passwords or keys from one address before it is shut out, and for how many milliseconds these are remembered. */
const GUESSES = 10;
const MINUTE = 60_000;
/** Addresses remembered; beyond, the oldest is forgotten. */
const ADDRESSES = 10_000;

export interface GuessLimit {
  /** Milliseconds for which this address gets no answer; 0 where it does. */
  shutFor(address: string): number;
  wrong(address: string): void;
}

/** Makes guessing a password or a key hopeless: each address has a few guesses a minute. */
export function createGuessLimit(now: () => number = Date.now): GuessLimit {
  const guesses = new Map<string, { count: number; readonly until: number }>();
  const current = (address: string) => {
    const found = guesses.get(address);
    if (found && found.until > now()) return found;
    guesses.delete(address);
    return undefined;
  };
  return {
    shutFor(address) {
      const found = current(address);
      return found && found.count >= GUESSES ? found.until - now() : 0;
    },
    wrong(address) {
      const found = current(address);
      if (found) {
        found.count += 1;
        return;
      }
      const [oldest] = guesses.keys();
      if (guesses.size >= ADDRESSES && oldest !== undefined) guesses.delete(oldest);
      guesses.set(address, { count: 1, until: now() + MINUTE });
    },
  };
}
