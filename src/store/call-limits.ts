import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

/** At most `calls` in each window of so many seconds, which begins with the first call. */
export interface CallLimit {
  readonly calls: number;
  readonly seconds: number;
}

/** Counts calls against limits that all processes of an account share. While Redis is away, each process counts by itself. */
export interface CallLimits {
  /** Counts a call. Returns the milliseconds to wait; 0 where it may be made. */
  take(name: string, limit: CallLimit): Promise<number>;
  /** One that was counted is not made after all. */
  giveBack(name: string, limit: CallLimit): Promise<void>;
}

export function createCallLimits(redis: Redis, accountTag: string): CallLimits {
  const limiters = new Map<string, RateLimiterRedis>();
  const limiterOf = ({ calls, seconds }: CallLimit): RateLimiterRedis => {
    const keyPrefix = `${accountTag}:calls:${calls}/${seconds}`;
    const known = limiters.get(keyPrefix);
    if (known) return known;
    const bounds = { keyPrefix, points: calls, duration: seconds };
    const limiter = new RateLimiterRedis({
      ...bounds,
      storeClient: redis,
      rejectIfRedisNotReady: true,
      // A client that goes on knocking costs Redis nothing; the last call that it may make may still be given back.
      inMemoryBlockOnConsumed: calls + 1,
      insuranceLimiter: new RateLimiterMemory(bounds),
    });
    limiters.set(keyPrefix, limiter);
    return limiter;
  };
  return {
    async take(name, limit) {
      try {
        await limiterOf(limit).consume(name);
        return 0;
      } catch (refused) {
        if (!(refused instanceof RateLimiterRes)) throw refused;
        return Math.max(1, refused.msBeforeNext);
      }
    },
    async giveBack(name, limit) {
      await limiterOf(limit).reward(name);
    },
  };
}
