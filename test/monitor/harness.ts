import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import { inject } from 'vitest';
import { type Config, readConfig } from '../../src/config.ts';
import { type RunningMonitor, startMonitor } from '../../src/monitor/monitor.ts';
import { connectWorker } from '../../src/store/connection.ts';
import { openInstallation } from '../../src/store/installation.ts';
import type { Names } from '../../src/store/keys.ts';
import { openQueues, type Queues } from '../../src/store/queues.ts';

export const PASSWORD = 'correct horse: battery staple';

export interface Watched {
  readonly config: Config;
  readonly monitor: RunningMonitor;
  readonly url: string;
  readonly names: Names;
  readonly queues: Queues;
  readonly redis: Redis;
  /** What the monitor has logged, as text. */
  logged(): string;
  /** A request with the right password. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

/** A monitor of an installation that is new and empty. */
export async function watch(env: Record<string, string> = {}, queueNames = ['handle']): Promise<Watched> {
  const prefix = `test-${randomBytes(6).toString('hex')}`;
  const given = {
    REDIS_URL: inject('redisUrl'),
    MONITOR_PORT: '0',
    MONITOR_PASSWORD: PASSWORD,
    WXRELAY_PREFIX: prefix,
  };
  const config = readConfig({ ...given, ...env }, ['redis']);
  const lines: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line) => void lines.push(line) });
  const redis = connectWorker(config.redisUrl, () => undefined);
  const names = await openInstallation(redis, prefix, config.partitions);
  const queues = openQueues(redis);
  const monitor = await startMonitor({ config, queues: queueNames, log });
  const url = `http://127.0.0.1:${monitor.port}`;
  return {
    config,
    monitor,
    url,
    names,
    queues,
    redis,
    logged: () => lines.join(''),
    ask: (path, init = {}) => fetch(url + path, { ...init, headers: { ...signIn(PASSWORD), ...init.headers } }),
    async close() {
      await monitor.stop();
      for await (const keys of redis.scanStream({ match: `{${prefix}:*`, count: 1000 }))
        if (keys.length > 0) await redis.del(...(keys as string[]));
      await queues.close();
      redis.disconnect();
    },
  };
}

export const signIn = (password: string, user = 'anybody') => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});
