import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, inject } from 'vitest';
import {
  type ActRequest,
  type Simulator,
  type SimulatorOptions,
  startSimulator,
} from '../../src/simulator/simulator.ts';
import { openInstallation } from '../../src/store/installation.ts';
import { type Child, startChild, untilLogged } from './child.ts';
import { eventually } from './eventually.ts';
import { freePort } from './ports.ts';

type ProcessName = 'receiver' | 'worker' | 'monitor';

/** An account, a simulated WeChat, a Redis prefix, and the processes a test starts: all real, all on this machine. */
export interface World {
  readonly env: Record<string, string>;
  readonly simulator: Simulator;
  readonly receiverUrl: string;
  readonly redis: Redis;
  /** Starts a process and waits until it is ready. */
  start(name: ProcessName, env?: Record<string, string>): Promise<Child>;
  push(request: ActRequest): ReturnType<Simulator['push']>;
  /** The texts that reached followers as customer-service messages, in order. */
  sent(): { openid: string; text: string }[];
  /** What the test handlers wrote down: a line each, `<what> <label> <pid>`. */
  runs(what?: string): string[];
  /** Every line that every process has printed. */
  allLines(): string[];
  close(): Promise<void>;
}

export const HANDLERS = new URL('../fixtures/handlers.mjs', import.meta.url).pathname;
export const SECRETS = {
  WECHAT_TOKEN: 'TestToken0123456789',
  WECHAT_APP_SECRET: 'test-app-secret-0123456789',
  WECHAT_ENCODING_AES_KEY: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG',
};

export async function createWorld(
  options: {
    redisUrl?: string;
    handlers?: string;
    simulator?: Partial<SimulatorOptions>;
    env?: Record<string, string>;
  } = {},
): Promise<World> {
  const redisUrl = options.redisUrl ?? inject('redisUrl');
  const port = await freePort();
  const receiverUrl = `http://127.0.0.1:${port}/wechat`;
  const simulator = await startSimulator({
    host: '127.0.0.1',
    port: 0,
    receiverUrl,
    token: SECRETS.WECHAT_TOKEN,
    appId: 'wx0123456789abcdef',
    appSecret: SECRETS.WECHAT_APP_SECRET,
    encryption: 'plain',
    ...options.simulator,
  });
  const dir = mkdtempSync(join(tmpdir(), 'wxrelay-world-'));
  const runLog = join(dir, 'runs');
  const env = {
    REDIS_URL: redisUrl,
    HOST: '127.0.0.1',
    PORT: String(port),
    MONITOR_PORT: String(await freePort()),
    WECHAT_TOKEN: SECRETS.WECHAT_TOKEN,
    WECHAT_APP_ID: 'wx0123456789abcdef',
    WECHAT_APP_SECRET: SECRETS.WECHAT_APP_SECRET,
    WECHAT_API_BASE_URL: simulator.url,
    // What nobody knows about the account is the business of its own tests.
    WECHAT_CUSTOMER_SERVICE: 'on',
    WXRELAY_PREFIX: `test-${randomBytes(6).toString('hex')}`,
    RUN_LOG: runLog,
    ...options.env,
  };
  const redis = new Redis(redisUrl, { maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  const children: Child[] = [];
  return {
    env,
    simulator,
    receiverUrl,
    redis,
    async start(name, more = {}) {
      const child = startChild([name, '--handlers', options.handlers ?? HANDLERS], { ...env, ...more }, dir);
      children.push(child);
      await untilLogged(child, `${name}.ready`);
      return child;
    },
    push: (request) => simulator.push(request),
    sent: () =>
      simulator
        .state()
        .messages.filter(({ errcode }) => errcode === 0)
        .map(({ openid, body }) => ({ openid, text: (body as { text: { content: string } }).text.content })),
    runs: (what) => readLines(runLog).filter((line) => !what || line.startsWith(`${what} `)),
    allLines: () => children.flatMap(({ lines }) => lines),
    async close() {
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(children.map(({ ended }) => ended));
      await simulator.close();
      await forget(redis, env.WXRELAY_PREFIX);
      redis.disconnect();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/**
 * A world without a spool: a push that Redis is slow to take, on a machine that is busy, is tried again; from a disk it would not
 * be held open for its answer.
 */
export const createHeldWorld: typeof createWorld = (options = {}) =>
  createWorld({ ...options, env: { WXRELAY_SPOOL: 'off', ...options.env } });

/** One world with its receiver and worker for all tests of a group, which tell each other apart by their users. */
export function shareWorld(create: () => Promise<World>): () => World {
  let world: World;
  beforeAll(async () => {
    world = await create();
    await Promise.all([world.start('receiver'), world.start('worker')]);
  });
  afterAll(() => world.close());
  return () => world;
}

/** What Redis calls a follower. */
export async function userIn({ redis, env }: World, openid: string): Promise<string> {
  const names = await openInstallation(redis, env['WXRELAY_PREFIX'] as string, 1);
  return names.userId(env['WECHAT_APP_ID'] as string, openid);
}

/** Nothing waits or runs for a follower any more; answers may be parked. */
export const untilSettled = (world: World, openid: string) =>
  eventually(async () => {
    const user = await userIn(world, openid);
    const lanes = await world.redis.zrange(`{${world.env['WXRELAY_PREFIX']}:0}:oldest`, '0', '-1');
    const left = lanes.filter((lane) => lane.endsWith(user));
    if (left.length > 0) throw new Error(`there is still work in ${left.join(', ')}`);
  });

function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}

async function forget(redis: Redis, prefix: string): Promise<void> {
  if (redis.status !== 'ready') return;
  for await (const keys of redis.scanStream({ match: `{${prefix}:*`, count: 1000 })) {
    if (keys.length > 0) await redis.del(...(keys as string[]));
  }
}
