// Gateways as processes of their own, in front of a WeChat that answers as a test wants.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { type Child, startChild, untilLogged } from '../helpers/child.ts';
import { freePort } from '../helpers/ports.ts';

export const APP_ID = 'wx0123456789abcdef';
export const APP_SECRET = 'test-app-secret-0123456789';

/** Keys of clients, as `wxrelay gateway key` makes them. */
export const keyOf = (name: string) => Buffer.from(name.padEnd(32, '.')).toString('base64url');
export const bearer = (name: string) => ({ authorization: `Bearer ${keyOf(name)}` });

export interface ClientEntry {
  readonly name: string;
  readonly key?: string | string[];
  readonly token?: boolean;
  readonly send?: boolean;
  readonly errors?: 'http' | 'wechat';
  readonly allow?: readonly string[];
  readonly limit?: string;
  readonly limits?: Readonly<Record<string, string>>;
}

export interface RunningGateway extends Child {
  readonly url: string;
  ask(path: string, init?: RequestInit & { as?: string }): Promise<Response>;
}

/** A place for the gateways of one account: one Redis prefix, one file of clients. */
export function createPlace(clients: readonly ClientEntry[], apiBaseUrl: string, env: Record<string, string> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'wxrelay-gateway-'));
  const file = join(dir, 'clients.json');
  const children: RunningGateway[] = [];
  const place = {
    file,
    env: {
      REDIS_URL: inject('redisUrl'),
      WECHAT_APP_ID: APP_ID,
      WECHAT_APP_SECRET: APP_SECRET,
      WECHAT_API_BASE_URL: apiBaseUrl,
      WXRELAY_PREFIX: `test-${randomBytes(6).toString('hex')}`,
      GATEWAY_CONFIG: file,
      ...env,
    } as Record<string, string>,
    write(list: readonly ClientEntry[]) {
      const entries = list.map((entry) => ({ key: keyOf(entry.name), ...entry }));
      writeFileSync(file, JSON.stringify({ clients: entries }));
    },
    async start(args: readonly string[] = [], more: Record<string, string> = {}): Promise<RunningGateway> {
      const port = Number(more['GATEWAY_PORT'] ?? (await freePort()));
      const url = `http://127.0.0.1:${port}`;
      const child = startChild(['gateway', ...args], { ...place.env, GATEWAY_PORT: String(port), ...more }, dir);
      const gateway: RunningGateway = {
        ...child,
        url,
        ask: (path, { as = 'all', headers, ...init } = {}) =>
          fetch(`${url}${path}`, { redirect: 'manual', headers: { ...bearer(as), ...headers }, ...init }),
      };
      children.push(gateway);
      await untilLogged(child, 'gateway.ready');
      return gateway;
    },
    allLines: () => children.flatMap(({ lines }) => lines),
    async close() {
      for (const child of children) child.kill('SIGKILL');
      await Promise.all(children.map(({ ended }) => ended));
      rmSync(dir, { recursive: true, force: true });
    },
  };
  place.write(clients);
  return place;
}

export type Seen = { method: string; path: string; query: URLSearchParams; headers: IncomingMessage['headers'] };
type Serving = (seen: Seen, request: IncomingMessage, response: ServerResponse) => unknown;

/** A WeChat that issues tokens, and leaves all other calls to the test. */
export async function startWeChatServer(serving: Serving = () => ({ errcode: 0, errmsg: 'ok' })) {
  const calls: Seen[] = [];
  const issued: string[] = [];
  let serve = serving;
  const server = createServer(async (request, response) => {
    const { pathname: path, searchParams: query } = new URL(request.url ?? '/', 'http://x');
    const seen = { method: request.method ?? '', path, query, headers: request.headers };
    calls.push(seen);
    if (path === '/cgi-bin/stable_token') {
      request.resume();
      const token = `99_${randomBytes(66).toString('hex')}`;
      issued.push(token);
      return response.end(JSON.stringify({ access_token: token, expires_in: 7200 }));
    }
    const answer = await serve(seen, request, response);
    if (answer !== undefined) response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
    return undefined;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    /** Every token so far, the newest last. */
    issued,
    /** The calls but those for a token. */
    proxied: () => calls.filter(({ path }) => path !== '/cgi-bin/stable_token'),
    serveWith(next: Serving) {
      serve = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
