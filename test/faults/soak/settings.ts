// How long, and with which chances; `npm run soak -- --help` says what may be set.
const number = (name: string, otherwise: number) => Number(process.env[name] ?? otherwise);

export const KILLS_SECONDS = number('SOAK_KILLS', 60);
export const AWAY_SECONDS = number('SOAK_AWAY', 600);
export const RANDOM_SECONDS = number('SOAK_MINUTES', 5) * 60;
export const SEED = number('SOAK_SEED', Date.now() % 1e9);

/** Longer than anything here can take. Milliseconds. */
export const timeoutOf = (seconds: number) => (seconds * 3 + 900) * 1000;

/** A small seeded generator (mulberry32): a number from 0 up to 1. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
