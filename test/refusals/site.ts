// All processes in this one, on a Redis of the test's own that refuses something.
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { TestContext } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { startGateway } from '../../src/gateway/gateway.ts';
import { handler } from '../../src/index.ts';
import { startMonitor } from '../../src/monitor/monitor.ts';
import { startReceiver } from '../../src/receiver/receiver.ts';
import { startWorker } from '../../src/worker/worker.ts';
import { bearer, keyOf } from '../gateway/harness.ts';
import { createRedisServer } from '../helpers/redis-server.ts';
import { runHere } from '../helpers/run-here.ts';
import { createWorld } from '../helpers/world.ts';
import { keepingLog } from '../receiver/harness.ts';

/** Ends the long run of a follower; says `<openid> runs` when it has begun. */
export const ends = new EventEmitter().setMaxListeners(0);

const handlers = [
  handler({ name: 'hi', on: 'text', match: 'hi', reply: 'Hi' }),
  handler({
    name: 'slow',
    on: 'text',
    match: /^slow (\S+)$/,
    run: ({ match, attempt }) => `done ${match[1]} ${attempt}`,
  }),
  handler({
    name: 'long',
    on: 'text',
    match: /^long (\S+)$/,
    async run({ openid, attempt }) {
      await new Promise((resolve) => ends.once(openid, resolve).emit(`${openid} runs`));
      return `done at length ${attempt}`;
    },
  }),
  handler({
    name: 'many',
    on: 'text',
    match: 'many',
    run: () => Array.from({ length: 7 }, (_, n) => `part ${n} ${'长'.repeat(600)}`),
  }),
  handler({
    name: 'broken',
    on: 'text',
    match: /^broken/,
    attempts: 1,
    run() {
      throw new Error('it is out of order');
    },
  }),
];

interface Options {
  /** Flags of the server; it may start again with others. */
  readonly flags?: string[];
  /** Rights of the user that all processes log in as; without them it is the default user, who may do everything. */
  readonly rights?: (prefix: string) => readonly string[];
  readonly env?: Record<string, string>;
}

export async function createSite(t: TestContext, { flags = [], rights, env = {} }: Options = {}) {
  const server = await createRedisServer(flags);
  t.onTestFinished(() => server.close());
  const admin = new Redis(server.url, { maxRetriesPerRequest: null });
  admin.on('error', () => undefined);
  t.onTestFinished(() => admin.disconnect());
  const redisUrl = rights ? server.url.replace('//', '//wx:secret@') : server.url;
  const world = await createWorld({ redisUrl: server.url, env: { ...env, REDIS_URL: redisUrl } });
  t.onTestFinished(() => world.close());
  const prefix = world.env['WXRELAY_PREFIX'] as string;
  const allow = (...rules: readonly string[]) => admin.acl('SETUSER', 'wx', ...rules);
  if (rights) await allow('on', '>secret', ...rights(prefix));
  const { log, lines, events } = keepingLog();
  const config = (more: Record<string, string> = {}) =>
    readConfig({ ...world.env, MONITOR_PASSWORD: 'a long password', ...more }, ['redis', 'push', 'api']);
  const ending = <T extends { stop(): Promise<void> }>(running: T): T => {
    t.onTestFinished(() => running.stop());
    return running;
  };
  return {
    server,
    flags,
    admin,
    world,
    prefix,
    lines,
    events,
    allow,
    config,
    log,
    redisUrl,
    receiver: async (more?: Record<string, string>) =>
      ending(await startReceiver({ config: config(more), handlers, log })),
    async worker(more?: Record<string, string>) {
      const worker = await startWorker({ config: config(more), handlers, log });
      t.onTestFinished(() => worker.stop(100));
      return worker;
    },
    /** A gateway with one client, who may do all; `ask` is a call of that client. */
    async gateway() {
      const dir = mkdtempSync(join(tmpdir(), 'wxrelay-gateway-'));
      t.onTestFinished(() => rmSync(dir, { recursive: true }));
      const file = join(dir, 'clients.json');
      const client = { name: 'crm', key: keyOf('crm'), token: true, send: true, limit: '20/h' };
      writeFileSync(file, JSON.stringify({ clients: [client] }));
      const env = { ...world.env, GATEWAY_CONFIG: file, GATEWAY_PORT: '0' };
      const its = readConfig(env, ['redis', 'gateway', 'secret']);
      const { port } = ending(await startGateway({ config: its, role: 'both', log }));
      const headers = { ...bearer('crm'), 'content-type': 'application/json' };
      return (path: string, body?: object) =>
        fetch(`http://127.0.0.1:${port}${path}`, {
          headers,
          ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
        });
    },
    monitor: async () => ending(await startMonitor({ config: config(), queues: ['handle'], log })),
    tool: (...args: string[]) => runHere(args, world.env, '/tmp'),
    texts: () => world.sent().map(({ text }) => text),
    /** What Redis has refused to the user so far, by its name. */
    async denied(): Promise<string[]> {
      const entries = (await admin.acl('LOG')) as unknown[][];
      return [...new Set(entries.map((entry) => String(entry[entry.indexOf('object') + 1]).toUpperCase()))].sort();
    },
    /** How many connections there have been. */
    connections: async () => Number(/total_connections_received:(\d+)/.exec(await admin.info('stats'))?.[1]),
    /** Cuts all connections but the test's own. */
    cut: () => admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'),
  };
}
