import type { Redis } from 'ioredis';
import type { MassSendJobFinishEvent } from '../wechat/event-push.ts';
import { soon } from './soon.ts';

/** What became of a send to many, in WeChat's words and numbers. FilterCount is how many were left after filtering. */
export type MassResult = Pick<
  MassSendJobFinishEvent,
  'MsgID' | 'Status' | 'TotalCount' | 'FilterCount' | 'SentCount' | 'ErrorCount'
>;

/** The last results of an account's sends to many, for 30 days. */
export interface MassResults {
  keep(result: MassResult): Promise<void>;
  find(msgId: string): Promise<MassResult | undefined>;
}

const KEPT = 200;
const KEPT_S = 30 * 86_400;

export function openMassResults(redis: Redis, accountTag: string): MassResults {
  const key = `${accountTag}:mass`;
  return {
    async keep(result) {
      const list = redis
        .multi()
        .lpush(key, JSON.stringify(result))
        .ltrim(key, 0, KEPT - 1);
      await soon(list.expire(key, KEPT_S).exec());
    },
    async find(msgId) {
      const results = (await soon(redis.lrange(key, 0, -1))).map((line): MassResult => JSON.parse(line));
      return results.find(({ MsgID }) => MsgID === msgId);
    },
  };
}
