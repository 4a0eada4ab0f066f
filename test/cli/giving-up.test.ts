// A person waits for a tool: what it needs and cannot have is said in one line, soon.
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { runHere } from '../helpers/run-here.ts';

const PASSWORD = 'a-redis-password';
const OPENID = 'oGivingUp'.padEnd(28, '0');
const ACCOUNT = {
  WECHAT_TOKEN: 'TestToken0123456789',
  WECHAT_APP_ID: 'wx0123456789abcdef',
  WECHAT_APP_SECRET: 'test-app-secret-0123456789',
};
const sockets = new Set<Socket>();
const open = (server: Server) =>
  new Promise<number>((resolve) => {
    server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)));
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
const silent = createServer(() => undefined);
/** Takes every request, and answers none. */
const hanging = createHttpServer(() => undefined);
/** In front of the real Redis, until a script or a hash is asked for. */
const breaking = createServer((client) => {
  const { hostname, port } = new URL(inject('redisUrl'));
  const redis = connect(Number(port), hostname).on('error', () => undefined);
  sockets.add(redis);
  redis.pipe(client);
  client.on('data', (chunk) => {
    if (!/hsetnx/i.test(chunk.toString())) return redis.write(chunk);
    breaking.close();
    for (const socket of sockets) socket.destroy();
  });
});
const ports = { silent: 0, hanging: 0, breaking: 0 };
beforeAll(async () => {
  for (const [name, server] of Object.entries({ silent, hanging, breaking }))
    ports[name as keyof typeof ports] = await open(server);
});
afterAll(() => {
  for (const server of [silent, hanging, breaking]) server.close();
  for (const socket of sockets) socket.destroy();
});

const run = (args: readonly string[], env: Record<string, string>) => runHere(args, { ...ACCOUNT, ...env }, tmpdir());
const redisAt = (port: number) => ({ REDIS_URL: `redis://user:${PASSWORD}@127.0.0.1:${port}/2` });

describe('a tool whose Redis is away ends with one line that names REDIS_URL', () => {
  test.each(
    [
      'queue list',
      'queue list --parked',
      'queue resend --all',
      'queue drop --all',
      'queue reroute old new',
      'trace KEY',
      'trace --malformed',
      'token',
      'token --refresh',
      `forget ${OPENID}`,
      `send ${OPENID} hello`,
    ].map((line) => [line]),
  )('%s', async (line) => {
    const { code, lines } = await run(line.split(' '), redisAt(1));
    expect(lines).toEqual([expect.stringMatching(/^REDIS_URL: .*127\.0\.0\.1:1\b.*ECONNREFUSED/)]);
    expect(lines.join()).not.toContain(PASSWORD);
    expect(code).toBe(1);
  });

  test.each([
    ['takes connections and says nothing', 'silent', 'no answer within 3 s'],
    ['goes away in the middle', 'breaking', 'the connection was lost'],
  ] as const)('also where it %s', async (_, kind, why) => {
    const throughIt = Object.assign(new URL(inject('redisUrl')), { port: ports.breaking }).href;
    const env = kind === 'breaking' ? { REDIS_URL: throughIt } : redisAt(ports[kind]);
    const { code, lines } = await run(['queue', 'list'], env);
    expect(lines).toEqual([
      `REDIS_URL: nothing is to be had from 127.0.0.1:${ports[kind]} (${why}). Does a Redis run there?`,
    ]);
    expect(code).toBe(1);
  });
});

describe('a tool without an answer ends with one line that says whose', () => {
  const gateway = { WECHAT_GATEWAY_URL: 'http://127.0.0.1:1', WECHAT_GATEWAY_KEY: 'a-gateway-key' };
  test.each([
    [
      'menu get, the API away',
      ['menu', 'get'],
      () => ({ WECHAT_API_BASE_URL: 'http://127.0.0.1:1' }),
      'WECHAT_API_BASE_URL, 127.0.0.1:1',
    ],
    ['quota, the gateway away', ['quota'], () => gateway, 'WECHAT_GATEWAY_URL'],
    [
      'menu get, the API hanging',
      ['menu', 'get'],
      () => ({ WECHAT_API_BASE_URL: `http://127.0.0.1:${ports.hanging}` }),
      'UND_ERR_HEADERS_TIMEOUT',
    ],
    [
      'simulator push, the receiver away',
      ['simulator', 'push', '--text', 'x', '--to', 'http://127.0.0.1:1/wechat'],
      () => ({}),
      'nothing listens on http://127.0.0.1:1',
    ],
  ] as const)('%s', async (_, args, env, says) => {
    const { code, lines } = await run(args, env());
    expect(lines).toEqual([expect.stringContaining(says)]);
    expect(lines.join()).not.toContain(ACCOUNT.WECHAT_APP_SECRET);
    expect(code).toBe(1);
  });
});
