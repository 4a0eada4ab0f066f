// A receiver in this process, on a real Redis and a real port, and what its tests need to look at it.
import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { inject } from 'vitest';
import { readConfig } from '../../src/config.ts';
import type { AnyHandler } from '../../src/handlers/definition.ts';
import type { Logger } from '../../src/log.ts';
import { startReceiver } from '../../src/receiver/receiver.ts';
import { openInstallation } from '../../src/store/installation.ts';
import { type PushKey, pushKey } from '../../src/store/keys.ts';
import { readTrace } from '../../src/store/trace.ts';
import { eventually } from '../helpers/eventually.ts';
import { ACCOUNT, WRITTEN } from './requests.ts';

export interface LogLine {
  readonly event: string;
  readonly level: number;
  readonly [field: string]: unknown;
}

/** A log that keeps its lines. */
export function keepingLog(): { log: Logger; lines: LogLine[]; events(name: string): LogLine[] } {
  const lines: LogLine[] = [];
  const log = pino(
    { level: 'debug', messageKey: 'event', base: null },
    { write: (line: string) => lines.push(JSON.parse(line)) },
  );
  return { log, lines, events: (name) => lines.filter(({ event }) => event === name) };
}

export interface StartOptions {
  readonly env?: Record<string, string>;
  readonly now?: () => number;
  /** Wait until it can keep pushes. Default true. */
  readonly ready?: boolean;
  /** Learns of each push that has been verified. */
  readonly onPush?: () => void;
}

export function createHarness() {
  const env = {
    REDIS_URL: inject('redisUrl'),
    HOST: '127.0.0.1',
    PORT: '0',
    WECHAT_TOKEN: ACCOUNT.token,
    WECHAT_APP_ID: ACCOUNT.appId,
    WXRELAY_PREFIX: `test-${randomBytes(6).toString('hex')}`,
    WXRELAY_SPOOL: 'off',
    WECHAT_CUSTOMER_SERVICE: 'on',
  };
  const redis = new Redis(env.REDIS_URL);
  const stops: (() => Promise<void>)[] = [];
  return {
    env,
    redis,
    config: (more: Record<string, string> = {}) => readConfig({ ...env, ...more }, ['redis', 'push']),
    async start(handlers: readonly AnyHandler[], { env: more = {}, now, ready = true, onPush }: StartOptions = {}) {
      const kept = keepingLog();
      const config = this.config(more);
      const tap = (direction: string) => void (direction === 'push' && onPush?.());
      const receiver = await startReceiver({ config, handlers, log: kept.log, tap, ...(now ? { now } : {}) });
      stops.push(receiver.stop);
      const origin = `http://127.0.0.1:${receiver.port}`;
      if (ready) await eventually(async () => demandOk(await fetch(`${origin}/readyz`)));
      return { ...kept, origin, url: `${origin}${config.path}`, port: receiver.port, stop: receiver.stop };
    },
    /** What is traced of a message. */
    async trace(openid: string, msgId: string): Promise<string[]> {
      const { names, key } = await this.nameOf(openid, msgId);
      return (await readTrace(redis, names, { key })).map(({ what }) => what);
    },
    async nameOf(openid: string, msgId: string) {
      const names = await openInstallation(redis, env.WXRELAY_PREFIX, 1);
      const user = names.userId(ACCOUNT.appId, openid);
      const key: PushKey = pushKey(user, `${msgId}.${WRITTEN}`);
      return { names, user, key };
    },
    /** Every key of the users' partition. */
    async userKeys(): Promise<string[]> {
      return (await redis.keys(`{${env.WXRELAY_PREFIX}:*`)).filter((key) =>
        key.startsWith(`{${env.WXRELAY_PREFIX}:0}`),
      );
    },
    async close() {
      await Promise.all(stops.map((stop) => stop()));
      const keys = await redis.keys(`{${env.WXRELAY_PREFIX}:*`);
      if (keys.length > 0) await redis.del(...keys);
      redis.disconnect();
    },
  };
}

function demandOk({ status }: Response): void {
  if (status !== 200) throw new Error(`/readyz answers ${status}`);
}
