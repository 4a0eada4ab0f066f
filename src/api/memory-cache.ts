import { BETWEEN_FORCES, FORCES_A_DAY, type StoredToken, type TokenCache, type Unusable } from './token-cache.ts';

const DAY = 86_400_000;

/** A token in the memory of this process, for programs that are one process. */
export function createMemoryCache(): TokenCache {
  let stored: StoredToken | undefined;
  let refused: string | undefined;
  let unusable: Unusable | undefined;
  let failures = 0;
  let askAt = 0;
  let locked = false;
  let forces: number[] = [];
  const deaths: number[] = [];
  return {
    read: async () => ({ token: stored, refused, unusable, failures, askAt }),
    async write(token) {
      stored = token;
      refused = undefined;
    },
    async expire(token, why, standsUntil) {
      if (stored?.token !== token || stored.standsUntil !== standsUntil) return undefined;
      if (why === 'refused') refused = token;
      if (stored.expiresAt === 0) return undefined;
      stored = { ...stored, expiresAt: 0 };
      return { refreshAt: stored.refreshAt };
    },
    async lock() {
      if (locked) return undefined;
      locked = true;
      return async () => {
        locked = false;
      };
    },
    countFetch: async () => undefined,
    async countForce(at) {
      forces = forces.filter((past) => at - past < DAY);
      if (forces.length >= FORCES_A_DAY || at - (forces.at(-1) ?? 0) < BETWEEN_FORCES) return false;
      forces.push(at);
      return true;
    },
    async fetched() {
      failures = askAt = 0;
    },
    async failed(_, again) {
      failures += 1;
      askAt = again;
    },
    async died(at) {
      deaths.push(at);
      return deaths.slice(-10);
    },
    async beginUnusable(now) {
      const begins = unusable?.errcode !== now.errcode;
      unusable = begins || !unusable ? now : { ...unusable, retryAt: now.retryAt };
      return begins;
    },
    async retryAt(at) {
      if (unusable) unusable = { ...unusable, retryAt: at };
    },
    async endUnusable() {
      const was = unusable !== undefined;
      unusable = undefined;
      return was;
    },
  };
}
