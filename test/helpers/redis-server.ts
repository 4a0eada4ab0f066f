import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { findOnPath } from '../../src/cli/embedded-redis.ts';
import { eventually } from './eventually.ts';
import { freePort } from './ports.ts';

/** A Redis of a test's own, to be killed, frozen and started again on the same port and data. */
export interface RedisServer {
  readonly url: string;
  /** Where its append-only file is. */
  readonly dir: string;
  kill(signal: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** `more`: flags of the server besides those that it always has. */
export async function createRedisServer(more: readonly string[] = []): Promise<RedisServer> {
  const program = findOnPath(['valkey-server', 'redis-server']);
  if (!program) throw new Error('this test needs a redis-server on the PATH');
  const dir = mkdtempSync(join(tmpdir(), 'wxrelay-redis-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let child: ChildProcess;
  const server: RedisServer = {
    url,
    dir,
    async start() {
      const flags = [
        '--port',
        String(port),
        '--dir',
        dir,
        '--save',
        '',
        '--appendonly',
        'yes',
        '--appendfsync',
        'always',
        ...more,
      ];
      child = spawn(program, flags, { stdio: 'ignore' });
      const redis = new Redis(url);
      redis.on('error', () => undefined);
      await eventually(() => redis.ping());
      redis.disconnect();
    },
    async kill(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
      if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await ended;
    },
    async close() {
      await server.kill('SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}
