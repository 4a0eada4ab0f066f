import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, inject } from 'vitest';
import { createHttp } from '../../src/api/http.ts';
import { createTokenSource, type TokenOptions } from '../../src/api/token.ts';
import { connectWorker } from '../../src/store/connection.ts';
import { createTokenCache } from '../../src/store/token-cache.ts';
import { keepingLog } from '../receiver/harness.ts';
import { type Answering, type Server, startServer } from './server.ts';

export const APP_ID = 'wx0123456789abcdef';
export const SECRET = 'test-app-secret-0123456789';
export const HOUR = 3_600_000;

/** An account of its own for each test, an endpoint that gives out `TOKEN-1`, `TOKEN-2`, …, and any number of processes. */
export function useTokens() {
  const closing: (() => unknown)[] = [];
  let server: Server;
  let tag: string;
  let issued = 0;
  beforeAll(async () => {
    server = await startServer(() => undefined);
  });
  afterAll(async () => {
    await Promise.all(closing.map((close) => close()));
    await server.close();
  });
  const issue: Answering = () => ({ access_token: `TOKEN-${++issued}`, expires_in: 7200 });
  beforeEach(() => {
    tag = `{test-${randomBytes(6).toString('hex')}:${APP_ID}}`;
    server.calls.length = 0;
    server.answerWith(issue);
  });
  return {
    closing,
    issue,
    get server() {
      return server;
    },
    get tag() {
      return tag;
    },
    /** The token that was issued last. */
    newest: () => `TOKEN-${issued}`,
    /** Another program fetches one. */
    stolen: () => void issued++,
    fetches: () => server.calls.filter(({ path }) => /token$/.test(path)),
    inRedis: (redis: Redis) => redis.hgetall(`${tag}:token`),
    /** What one process has: its connections and its source of tokens. */
    startProcess({ redisUrl = inject('redisUrl'), ...more }: Partial<TokenOptions> & { redisUrl?: string } = {}) {
      const redis = connectWorker(redisUrl, () => undefined);
      const http = createHttp(server.url);
      closing.push(
        () => redis.disconnect(),
        () => http.close(),
      );
      const kept = keepingLog();
      const outcomes: string[] = [];
      const tokens = createTokenSource({
        http,
        cache: createTokenCache(redis, tag),
        appId: APP_ID,
        appSecret: SECRET,
        api: 'stable',
        log: kept.log,
        onFetch: (result) => outcomes.push(result),
        ...more,
      });
      return { ...kept, redis, http, tokens, outcomes };
    },
  };
}

export type Process = ReturnType<ReturnType<typeof useTokens>['startProcess']>;
