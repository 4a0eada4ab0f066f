import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, chmodSync, constants, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { ConfigError } from '../errors.ts';
import { isRunning } from '../is-running.ts';
import { writePrivateFile } from '../private-file.ts';
import { startInMemory } from './in-memory-redis.ts';

export interface EmbeddedRedis {
  /** With the password, which is nobody's but the owner's of the data folder. */
  readonly url: string;
  /** The program that runs, or `js-redis-server`: in memory, for trying out only. */
  readonly kind: string;
  /** Resolves when it has ended, by whatever. */
  readonly died: Promise<void>;
  stop(): Promise<void>;
}

const SERVERS = ['valkey-server', 'redis-server'];
const START_WITHIN = 10_000;

/**
 * A private Redis for one machine: a real server from the PATH with its data on disk, else a JavaScript one in memory. Either
 * listens on 127.0.0.1 alone and asks for a password, which nobody else can read.
 */
export async function startEmbeddedRedis(dataDir: string, production: boolean): Promise<EmbeddedRedis> {
  const program = findOnPath(SERVERS);
  if (!program && production)
    throw new ConfigError([
      'REDIS_URL is not set and no redis-server is installed: with NODE_ENV=production, set REDIS_URL.',
    ]);
  const dir = join(resolve(dataDir), 'redis');
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  chmodSync(dir, 0o700);
  const file = join(dir, 'running.json');
  const last = readNote(file);
  if (last && program) await takeOver(last, dir);
  // The same port and password as before where they serve, so that those who were connected find it again.
  const port = await freePort(last?.port ?? 0).catch(() => freePort(0));
  const password = last?.password ?? randomBytes(32).toString('base64url');
  writePrivateFile(file, JSON.stringify({ port, password, owner: process.pid } satisfies Note));
  const started = await (program ? startServer(program, { port, password, dir }) : startInMemory({ port, password }));
  return { kind: 'js-redis-server', died: new Promise(() => undefined), ...started, url: urlOf({ port, password }) };
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
  /** Those of earlier releases have none. */
  readonly password?: string;
  /** The process that started it. */
  readonly owner: number;
}

interface Place {
  readonly port: number;
  readonly password: string;
  readonly dir: string;
}

const urlOf = ({ port, password }: Omit<Place, 'dir'>) => `redis://:${password}@127.0.0.1:${port}`;

async function startServer(program: string, { port, password, dir }: Place) {
  const settings = {
    port: String(port),
    bind: '127.0.0.1',
    requirepass: password,
    dir,
    save: '',
    appendonly: 'yes',
    appendfsync: 'always',
    'maxmemory-policy': 'noeviction',
    loglevel: 'warning',
  };
  // On stdin: what stands on a command line, any user of the machine can read.
  const child = spawn(program, ['-'], { stdio: ['pipe', 'ignore', 'inherit'] });
  child.stdin.on('error', () => undefined); // one that ends at once is told of below
  child.stdin.end(
    Object.entries(settings)
      .map(([name, value]) => `${name} ${JSON.stringify(value)}\n`)
      .join(''),
  );
  await untilItAnswers(urlOf({ port, password }), child);
  return {
    kind: program,
    died: new Promise<void>((resolve) => child.once('exit', () => resolve())),
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
async function takeOver({ port, password, owner }: Note, dir: string): Promise<void> {
  const redis = new Redis(port, '127.0.0.1', {
    ...(password ? { password } : {}),
    lazyConnect: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    const [, itsDir] = (await redis.config('GET', 'dir')) as string[];
    if (itsDir !== dir) return;
    if (isRunning(owner))
      throw new ConfigError([`another wxrelay (process ${owner}) uses ${dir}: stop it, or set WXRELAY_DATA_DIR.`]);
    await redis.shutdown().catch(() => undefined);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    // Nobody is there.
  } finally {
    redis.disconnect();
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

function freePort(wanted: number): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer().once('error', fail);
    probe.listen(wanted, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => done(port));
    });
  });
}
