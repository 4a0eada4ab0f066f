import type { Redis } from 'ioredis';
import type { Account } from '../config.ts';
import type { Logger } from '../log.ts';

/** Remembers, for all receivers, that an account's pushes come encrypted; see WECHAT_ENCRYPTION=auto. */
export interface EncryptedMode {
  readonly encryptedOnly: boolean;
  recall(): Promise<void>;
  learn(push: { encrypted: boolean }): void;
}

/** How often a receiver looks whether another has seen an encrypted push. */
const LOOK = 5000;

export function openEncryptedMode(redis: Redis, accountTag: string, account: Account, log: Logger): EncryptedMode {
  const key = `${accountTag}:encrypted`;
  const undecided = account.encryption === 'auto' && account.aesKeys.length > 0;
  let encryptedOnly = false;
  let lookedAt = 0;
  let warned = false;
  const recall = async () => {
    if (!undecided || encryptedOnly) return;
    lookedAt = Date.now();
    encryptedOnly = (await redis.exists(key)) === 1;
  };
  return {
    get encryptedOnly() {
      return encryptedOnly;
    },
    recall,
    learn({ encrypted }) {
      if (!undecided || encryptedOnly) return;
      if (encrypted) {
        encryptedOnly = true;
        log.info('encryption.learned');
        void redis.set(key, '1').catch(() => undefined);
        return;
      }
      if (!warned) log.warn('encryption.plain_although_a_key_is_set');
      warned = true;
      if (Date.now() - lookedAt > LOOK) void recall().catch(() => undefined);
    },
  };
}
