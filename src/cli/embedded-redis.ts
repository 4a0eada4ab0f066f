import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { ConfigError } from '../errors.ts';

export interface EmbeddedRedis {
  readonly url: string;
  /** The program that runs, or `js-redis-server`: in memory, for trying out only. */
  readonly kind: string;
  /** Resolves when it has ended, by whatever. */
  readonly died: Promise<void>;
  stop(): Promise<void>;
}

const SERVERS = ['valkey-server', 'redis-server'];
const START_WITHIN = 10_000;

/** A private Redis for one machine: a real server from the PATH with its data on disk, else a JavaScript one in memory. */
export async function startEmbeddedRedis(dataDir: string, production: boolean): Promise<EmbeddedRedis> {
  const program = findOnPath(SERVERS);
  if (program) return startServer(program, join(resolve(dataDir), 'redis'));
  if (production)
    throw new ConfigError([
      'REDIS_URL is not set and no redis-server is installed: with NODE_ENV=production, set REDIS_URL.',
    ]);
  return startInMemory();
}

export function findOnPath(programs: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return programs.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What the folder of a private Redis says about it. */
interface Note {
  readonly port: number;
  /** The process that started it. */
  readonly owner: number;
}

async function startServer(program: string, dir: string): Promise<EmbeddedRedis> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, 'running.json');
  const last = readNote(file);
  if (last) await takeOver(last, dir);
  // The same port as before where it is free, so that those who were connected find it again.
  const port = await freePort(last?.port ?? 0).catch(() => freePort(0));
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    dir,
    save: '',
    appendonly: 'yes',
    appendfsync: 'always',
    'maxmemory-policy': 'noeviction',
    loglevel: 'warning',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  writeFileSync(file, JSON.stringify({ port, owner: process.pid } satisfies Note));
  const url = `redis://127.0.0.1:${port}`;
  await untilItAnswers(url, child);
  return {
    url,
    kind: program,
    died: new Promise((resolve) => child.once('exit', () => resolve())),
    async stop() {
      if (hasEnded(child)) return;
      const ended = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      await ended;
    },
  };
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

function readNote(file: string): Note | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Two servers on one folder would ruin each other's file: one whose owner was killed is shut down, any other is left alone. */
async function takeOver({ port, owner }: Note, dir: string): Promise<void> {
  const redis = new Redis(port, '127.0.0.1', { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    const [, itsDir] = (await redis.config('GET', 'dir')) as string[];
    if (itsDir !== dir) return;
    if (isAlive(owner))
      throw new ConfigError([`another wxrelay (process ${owner}) uses ${dir}: stop it, or set WXRELAY_DATA_DIR.`]);
    await redis.shutdown().catch(() => undefined);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    // Nobody is there.
  } finally {
    redis.disconnect();
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilItAnswers(url: string, child: ChildProcess): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, maxRetriesPerRequest: 0, retryStrategy: () => null });
  redis.on('error', () => undefined);
  const end = Date.now() + START_WITHIN;
  try {
    for (;;) {
      if (hasEnded(child)) throw new Error('the private Redis ended as soon as it was started');
      try {
        if (redis.status === 'wait' || redis.status === 'end') await redis.connect();
        // Answers LOADING until what is on disk is read.
        await redis.ping();
        return;
      } catch (error) {
        if (Date.now() > end) throw error;
        await sleep(50);
      }
    }
  } finally {
    redis.disconnect();
  }
}

async function startInMemory(): Promise<EmbeddedRedis> {
  const { createRedisMock } = await import('js-redis-server');
  const server = await createRedisMock();
  const [address] = server.addresses() as [{ host: string; port: number }];
  return {
    url: `redis://${address.host}:${address.port}`,
    kind: 'js-redis-server',
    died: new Promise(() => undefined),
    stop: async () => void (await server.close()),
  };
}

function freePort(wanted: number): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer().once('error', fail);
    probe.listen(wanted, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}
