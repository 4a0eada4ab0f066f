import type { Redis } from 'ioredis';
import type { CustomerService } from '../config.ts';

/**
 * Whether an account may send customer-service messages. `passive`: passive replies alone reach its users. `unusable`: so
 * they do until somebody puts its settings right, and then what waits is sent.
 */
export type Capability = 'on' | 'passive' | 'unusable' | 'unknown';

/** What all processes know of it; see WECHAT_CUSTOMER_SERVICE=auto. */
export interface CapabilityMemory {
  readonly current: Capability;
  /** Looks now. */
  recall(): Promise<Capability>;
  learn(what: Exclude<Capability, 'unknown'>): Promise<void>;
}

/** How often a process looks whether another has learnt it. */
const LOOK = 1000;
/** A permission may be granted and a setting put right: it is asked again with the next push after so long. Milliseconds. */
const BELIEVED_FOR = { passive: 3_600_000, unusable: 60_000 };

export function openCapability(redis: Redis, accountTag: string, setting: CustomerService): CapabilityMemory {
  if (setting !== 'auto') {
    const current = setting === 'on' ? 'on' : 'passive';
    return { current, recall: async () => current, learn: async () => undefined };
  }
  const key = `${accountTag}:capability`;
  let current: Capability = 'unknown';
  let lookedAt = 0;
  const recall = async () => {
    lookedAt = Date.now();
    current = ((await redis.get(key)) as Capability | null) ?? 'unknown';
    return current;
  };
  return {
    get current() {
      if (Date.now() - lookedAt > LOOK) recall().catch(() => undefined);
      return current;
    },
    recall,
    async learn(what) {
      current = what;
      await (what === 'on' ? redis.set(key, what) : redis.set(key, what, 'PX', BELIEVED_FOR[what]));
    },
  };
}
