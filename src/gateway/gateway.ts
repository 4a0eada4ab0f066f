import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { TokenSource } from '../api/token-source.ts';
import type { Config } from '../config.ts';
import { ConfigError, toError } from '../errors.ts';
import { listen } from '../listen.ts';
import type { Logger } from '../log.ts';
import { type CallLimits, createCallLimits } from '../store/call-limits.ts';
import { connectReceiver } from '../store/connection.ts';
import { publishCounters } from '../store/counters.ts';
import { accountTag } from '../store/keys.ts';
import { logRedisTroubles } from '../store/redis-troubles.ts';
import { openOutbox } from '../store/sender.ts';
import { createApp } from './app.ts';
import { createClientTokens } from './client-tokens.ts';
import { type Clients, readClients } from './clients.ts';
import { createProxy } from './proxy.ts';
import { sendRoute } from './send-route.ts';
import { tokenRoute } from './token-route.ts';
import { borrowTokens, holdTokens } from './tokens.ts';
import { createUpstream } from './upstream.ts';

/** `token`: the central access-token server (中控服务器). `proxy`: the API proxy (API-Proxy). */
export type GatewayRole = 'token' | 'proxy' | 'both';

export interface GatewayOptions {
  readonly config: Config;
  readonly role: GatewayRole;
  readonly log: Logger;
}

export interface RunningGateway {
  readonly port: number;
  /** Reads the file of clients again; one with problems changes nothing. */
  reload(): void;
  /** Lets the calls under way end. Calling it twice is harmless. */
  stop(): Promise<void>;
}

/** Without Redis by then it starts all the same: token and limits are this process's own until it comes. Milliseconds. */
const REDIS_WITHIN = 2000;
/** Longer than our own clients keep a connection: one closed just as a call is written leaves that call in doubt. */
const KEEP_ALIVE = 65_000;
/** A key needs no longer; a body of 32 MiB may come over a slow line. Milliseconds. */
const HEADERS_WITHIN = 10_000;
const REQUEST_WITHIN = 120_000;
/** Longer than WeChat may take to answer. */
const DRAIN = 12_000;

/** Starts a gateway. Throws a ConfigError where the file of clients has problems, or the port is taken. */
export async function startGateway({ config, role, log }: GatewayOptions): Promise<RunningGateway> {
  const file = config.gateway.clientsFile;
  let clients: Clients = readClients(file);
  const redis = connectReceiver(config.redisUrl, logRedisTroubles(config, log));
  const counters = publishCounters(redis, config.prefix);
  const limits = createCallLimits(redis, accountTag(config.prefix, config.account.id));
  const { tokens, http, route } = openTokens(role, { config, redis, log }, limits);
  const outbox = openOutbox(redis, config);
  const upstream = role === 'token' ? undefined : createUpstream(config.apiBaseUrl);
  const { account, behindGateway } = config;
  // What all gateways of the account share.
  const secret = `${account.appId}\0${account.appSecret || behindGateway?.key}`;
  const app = createApp({
    appId: account.appId,
    clients: () => clients,
    clientTokens: createClientTokens(secret, () => clients),
    isReady: () => answersSoon(tokens),
    token: route,
    send: sendRoute({ send: (...what) => outbox.send(...what), limits, log }),
    proxy: upstream && createProxy({ tokens, upstream, limits }),
    log,
  });
  const server = openServer(app.callback());

  const close = async () => {
    await counters.stop();
    await outbox.close();
    redis.disconnect();
    await Promise.allSettled([http.close(), upstream?.close()]);
  };
  await Promise.race([once(redis, 'ready').catch(() => undefined), sleep(REDIS_WITHIN, undefined, { ref: false })]);
  const port = await listen(server, config.gateway.port, config.gateway.host, 'GATEWAY_PORT').catch(async (error) => {
    await close();
    throw error;
  });
  // At hand for the first call; what goes wrong has been logged.
  tokens.get().catch(() => undefined);
  log.info({ port, role, clients: clients.count }, 'gateway.ready');

  let stopping: Promise<void> | undefined;
  const stop = async () => {
    log.info('gateway.stopping');
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    await Promise.race([closed, sleep(DRAIN, undefined, { ref: false })]);
    server.closeAllConnections();
    await close();
    log.info('gateway.stopped');
  };
  return {
    port,
    reload() {
      try {
        clients = readClients(file);
        log.info({ clients: clients.count }, 'gateway.reloaded');
      } catch (error) {
        const problems = error instanceof ConfigError ? error.problems : [toError(error).message];
        log.error({ problems }, 'gateway.not_reloaded');
      }
    },
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}

function openServer(callback: RequestListener): Server {
  const limits = {
    headersTimeout: HEADERS_WITHIN,
    requestTimeout: REQUEST_WITHIN,
    keepAliveTimeout: KEEP_ALIVE,
    // Node looks only every 30 s by default.
    connectionsCheckingInterval: 2000,
  };
  return createServer(limits, callback).on('connect', (_, socket) => socket.end(NO_TUNNEL));
}

/** To a client that takes the gateway for its forward proxy. */
const NO_TUNNEL =
  'HTTP/1.1 405 Method Not Allowed\r\nAllow: GET, POST\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';

interface Parts {
  readonly config: Config;
  readonly redis: Redis;
  readonly log: Logger;
}

/** A proxy with a token server elsewhere asks that; any other gateway fetches the token, and shares it through Redis. */
function openTokens(role: GatewayRole, parts: Parts, limits: CallLimits) {
  if (role === 'proxy' && parts.config.behindGateway)
    return { ...borrowTokens(parts.config.behindGateway, parts.log), route: undefined };
  const { tokens, http } = holdTokens(parts);
  return { tokens, http, route: role === 'proxy' ? undefined : tokenRoute({ tokens, limits }) };
}

const READY_WITHIN = 1000;

async function answersSoon(tokens: TokenSource): Promise<boolean> {
  const getting = tokens.get().catch(() => '');
  return Boolean(await Promise.race([getting, sleep(READY_WITHIN, '', { ref: false })]));
}
