// How a process comes to the API of the configured account: with a token shared through Redis, or through a gateway.
import type { Redis } from 'ioredis';
import { createGatewayHttp, noTokens } from '../api/behind-gateway.ts';
import { createWeChat, type WeChat } from '../api/client.ts';
import { createHttp, type Http, type HttpOptions } from '../api/http.ts';
import { createTokenSource, type TokenOptions } from '../api/token.ts';
import type { Config } from '../config.ts';
import type { Logger } from '../log.ts';
import * as metrics from '../metrics.ts';
import { accountTag } from './keys.ts';
import { createTokenCache } from './token-cache.ts';

interface Options extends HttpOptions {
  readonly config: Config;
  readonly redis: Redis;
  readonly log: Logger;
}

/** The API of the configured account, for workers and tools alike. */
export function openWeChat({ config, redis, log, ...options }: Options): { wechat: WeChat; http: Http } {
  if (config.behindGateway) {
    const http = createGatewayHttp(config.behindGateway, options);
    return { wechat: createWeChat(http, noTokens), http };
  }
  const http = createHttp(config.apiBaseUrl, options);
  return { wechat: createWeChat(http, createTokenSource(tokenOptions({ config, redis, log, http }))), http };
}

interface TokenParts {
  readonly config: Config;
  readonly redis: Redis;
  readonly log: Logger;
  readonly http: Http;
}

/** What a source of tokens needs that shares them through Redis. */
export function tokenOptions({ config, redis, log, http }: TokenParts): TokenOptions {
  const { account } = config;
  return {
    http,
    cache: createTokenCache(redis, accountTag(config.prefix, account.id)),
    appId: account.appId,
    appSecret: account.appSecret,
    api: config.tokenApi,
    log,
    onFetch: (result) => metrics.tokenFetches.inc({ result }),
  };
}
