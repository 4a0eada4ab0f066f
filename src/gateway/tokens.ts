import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { createGatewayHttp, createRemoteTokens } from '../api/behind-gateway.ts';
import { ApiError } from '../api/errors.ts';
import { createHttp, type Http } from '../api/http.ts';
import { createTokenSource } from '../api/token.ts';
import type { StoredToken, TokenCache } from '../api/token-cache.ts';
import type { TokenGuardian } from '../api/token-source.ts';
import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import { tokenOptions } from '../store/wechat.ts';
import { Refusal } from './refusal.ts';

/** Where a proxy has its tokens from, and where it tells what calls with them were answered. */
export type ProxyTokens = Pick<TokenGuardian, 'get' | 'replace' | 'heard'>;

/** The tokens of a token server, which also says how long they live. */
export interface HeldTokens extends ProxyTokens {
  secondsLeft(token: string): number;
}

interface Options {
  readonly config: Config;
  readonly redis: Redis;
  readonly log: Logger;
}

/** The token as this process fetches it, shared with all others of the account through Redis. */
export function holdTokens({ config, redis, log }: Options): { tokens: HeldTokens; http: Http } {
  const http = createHttp(config.apiBaseUrl);
  const options = tokenOptions({ config, redis, log, http });
  const { cache, expiryOf } = remembering(options.cache);
  const tokens = createTokenSource({ ...options, cache });
  return {
    http,
    tokens: {
      get: () => tokens.get(),
      replace: (token, again) => tokens.replace(token, again),
      heard: (error) => tokens.heard(error),
      secondsLeft(token) {
        return Math.max(0, Math.floor((expiryOf(token) - Date.now()) / 1000));
      },
    },
  };
}

/** The token of a token server elsewhere: no AppSecret here. */
export function borrowTokens(access: NonNullable<Config['behindGateway']>, log: Logger) {
  const http = createGatewayHttp(access);
  const tokens: ProxyTokens = { ...createRemoteTokens({ http, log }), heard: async () => undefined };
  return { http, tokens };
}

/** Tokens whose expiry is remembered: the next one is seen while the last one is given out. */
const REMEMBERED = 8;

/** A cache that remembers what went through it, for Redis may be away when somebody asks. */
function remembering(cache: TokenCache): { cache: TokenCache; expiryOf(token: string): number } {
  const seen = new Map<string, number>();
  const note = ({ token, expiresAt }: StoredToken) => {
    seen.set(token, expiresAt);
    const [oldest = ''] = seen.keys();
    if (seen.size > REMEMBERED) seen.delete(oldest);
  };
  return {
    expiryOf: (token) => seen.get(token) ?? 0,
    cache: {
      ...cache,
      async read() {
        const shared = await cache.read();
        if (shared.token) note(shared.token);
        return shared;
      },
      write(token) {
        note(token);
        return cache.write(token);
      },
    },
  };
}

/** Shorter than our own workers wait for an answer, so that they learn that nothing had been written. Milliseconds. */
const TOKEN_WITHIN = 7000;
/** When to ask again, where a person has to act and where not. */
const REFUSED = 30_000;
const FAILED = 5000;

export async function tokenOrRefuse(getting: Promise<string>): Promise<string> {
  getting.catch(() => undefined);
  try {
    const token = await Promise.race([getting, sleep(TOKEN_WITHIN, '', { ref: false })]);
    if (token) return token;
  } catch (error) {
    if (error instanceof ApiError && error.row.reaction !== 'retry')
      throw new Refusal('noToken', `no access_token: ${error.errcode}, ${error.row.meaning.en}.`, {
        advice: error.advice,
        retryAfter: error.retryAt === undefined ? REFUSED : Math.max(1000, error.retryAt - Date.now()),
      });
  }
  throw new Refusal('noTokenYet', 'no access_token: whoever gives it out does not answer.', { retryAfter: FAILED });
}
