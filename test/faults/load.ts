// Users who write at a steady rate, and WeChat that pushes what they write: five seconds, up to three attempts.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Attempt, pushToReceiver } from '../../src/simulator/push.ts';
import { buildPush, newOpenid } from '../../src/simulator/push-xml.ts';
import type { Account } from '../../src/simulator/request.ts';
import { SECRETS } from '../helpers/world.ts';

export const ACCOUNT: Account = { token: SECRETS.WECHAT_TOKEN, appId: 'wx0123456789abcdef', encryption: 'plain' };

/** One push of a user. */
export interface Saying {
  readonly openid: string;
  /** Counted per user, from 0: it is asked for in the push, and stands in its answer. */
  readonly n: number;
  readonly attempts: readonly Attempt[];
  /** When it was acked with 200, in milliseconds since 1970; missing where all attempts were refused. */
  readonly ackedAt?: number;
}

export interface LoadOptions {
  readonly receiverUrl: string;
  /** Pushes a second. */
  readonly rate: number;
  /** Each writes again only when WeChat is done with what they wrote before. Default 200. */
  readonly users?: number;
  /** What a user writes as their n-th push. Default: work of 5 ms. */
  readonly write?: (n: number, openid: string) => string;
}

export interface Load {
  readonly sayings: readonly Saying[];
  readonly users: readonly string[];
  /** The user writes this, whatever the rate. */
  say(openid: string, text?: (n: number) => string): Promise<Saying>;
  /** Counts a push that came another way. */
  note(saying: Saying): void;
  /** Resolves when WeChat is done with all that was written. */
  stop(): Promise<void>;
}

const TICK = 20;

export function startLoad({ receiverUrl, rate, users: count = 200, write = (n) => `work 5 n${n}` }: LoadOptions): Load {
  const users = Array.from({ length: count }, newOpenid);
  const idle = [...users];
  const counts = new Map<string, number>();
  const sayings: Saying[] = [];
  const underWay = new Set<Promise<unknown>>();
  let running = true;

  const say = async (openid: string, text = (n: number) => write(n, openid)) => {
    const n = counts.get(openid) ?? 0;
    counts.set(openid, n + 1);
    const xml = buildPush({ openid, account: 'gh_0f1e2d3c4b5a' }, { text: text(n) });
    const { attempts, answer } = await pushToReceiver({ ...ACCOUNT, receiverUrl, xml });
    const saying: Saying = { openid, n, attempts, ...(answer.kind === 'fault' ? {} : { ackedAt: Date.now() }) };
    sayings.push(saying);
    return saying;
  };
  const track = <T>(promise: Promise<T>) => {
    underWay.add(promise);
    return promise.finally(() => underWay.delete(promise));
  };

  const run = async () => {
    const started = Date.now();
    for (let due = 0; running; await sleep(TICK)) {
      const until = ((Date.now() - started) / 1000) * rate;
      // Where nobody is left to write, WeChat is waiting for all of them: what is due then is not made up for.
      for (; due < until; due++) {
        const openid = idle.shift();
        if (openid !== undefined) void track(say(openid).finally(() => idle.push(openid)));
      }
    }
  };
  const ran = rate > 0 ? run() : Promise.resolve();
  return {
    sayings,
    users,
    say: (openid, text) => track(say(openid, text)),
    note: (saying) => void sayings.push(saying),
    async stop() {
      running = false;
      await ran;
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
