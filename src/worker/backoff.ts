/** Milliseconds before try number `tries + 1`: doubling from one second, with jitter so that failures do not march in step. */
export function backoff(tries: number, cap: number, random = Math.random): number {
  const full = Math.min(1000 * 2 ** tries, cap);
  return full / 2 + (full / 2) * random();
}
