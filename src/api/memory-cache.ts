import type { StoredToken, TokenCache } from './token.ts';

/** A token in the memory of this process, for programs that are one process. */
export function createMemoryCache(): TokenCache {
  let stored: StoredToken | undefined;
  let locked = false;
  return {
    read: async () => stored,
    async write(token) {
      stored = token;
    },
    async expire(token) {
      if (stored?.token === token) stored = undefined;
    },
    async lock() {
      if (locked) return undefined;
      locked = true;
      return async () => {
        locked = false;
      };
    },
  };
}
