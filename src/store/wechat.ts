// How a process comes to the API of the configured account: with a token of its own, or through a gateway; what is known of
// the account is shared through Redis.
import type { Redis } from 'ioredis';
import { createGatewayHttp, noTokens } from '../api/behind-gateway.ts';
import { composeWeChat, type WeChat } from '../api/client.ts';
import { guardHttp } from '../api/guard.ts';
import { createHttp, type Http, type HttpOptions } from '../api/http.ts';
import { createMemoryCache } from '../api/memory-cache.ts';
import { createTokenSource, type TokenOptions } from '../api/token.ts';
import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import * as metrics from '../metrics.ts';
import { createApiPauses } from './api-pauses.ts';
import { accountTag } from './keys.ts';
import { createTicketCache, createTokenCache } from './token-cache.ts';

interface Options extends HttpOptions {
  readonly config: Config;
  /** Without one nothing is shared, which is for a process that does one thing and ends. */
  readonly redis: Redis | undefined;
  readonly log: Logger;
}

/** The API of the configured account, for workers and tools alike. */
export function openWeChat({ config, redis, log, ...options }: Options): { wechat: WeChat; http: Http } {
  const { account, behindGateway } = config;
  const tag = accountTag(config.prefix, account.id);
  const http = behindGateway ? createGatewayHttp(behindGateway, options) : createHttp(config.apiBaseUrl, options);
  const tokens = behindGateway
    ? noTokens
    : account.appId && account.appSecret
      ? createTokenSource(tokenOptions({ config, redis, log, http }))
      : withoutSecret;
  const onPause = (api: string, errcode: number) => metrics.apiPauses.inc({ api, errcode: String(errcode) });
  const wechat = composeWeChat({
    http: redis ? guardHttp({ http, pauses: createApiPauses(redis, tag), tokens, log, onPause }) : http,
    tokens,
    ...(redis ? { tickets: createTicketCache(redis, tag) } : {}),
    appId: account.appId,
    appSecret: account.appSecret,
    log,
  });
  return { wechat, http };
}

/** A passive-only account needs no AppSecret, but can call no API without one. */
const withoutSecret: typeof noTokens = {
  get: async () => {
    throw new TypeError(
      'WECHAT_APP_ID and WECHAT_APP_SECRET are needed to call the API: as it is set up, this account has passive replies alone.',
    );
  },
  replace: () => withoutSecret.get(),
  heard: async () => undefined,
};

interface TokenParts {
  readonly config: Config;
  readonly redis: Redis | undefined;
  readonly log: Logger;
  readonly http: Http;
}

/** What a source of tokens needs; it shares them through Redis where there is one. */
export function tokenOptions({ config, redis, log, http }: TokenParts): TokenOptions {
  const { account } = config;
  return {
    http,
    cache: redis ? createTokenCache(redis, accountTag(config.prefix, account.id)) : createMemoryCache(),
    appId: account.appId,
    appSecret: account.appSecret,
    api: config.tokenApi,
    log,
    onFetch: (result) => metrics.tokenFetches.inc({ result }),
  };
}
