import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until `look` returns without throwing; then returns what it returned. Fails with its last error. */
export async function eventually<T>(look: () => T | Promise<T>, within = 60_000): Promise<T> {
  const end = Date.now() + within;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(50);
    }
  }
}
