import { CONSOLE } from '../console.ts';
import { type Logger, silentLog } from '../log.ts';
import { createGatewayHttp, type GatewayAccess, noTokens } from './behind-gateway.ts';
import { composeWeChat, type WeChat } from './client.ts';
import { createHttp } from './http.ts';
import type { TicketCache } from './js-sdk.ts';
import { createMemoryCache } from './memory-cache.ts';
import { createTokenSource } from './token.ts';
import type { TokenCache } from './token-cache.ts';

export interface WeChatOptions {
  readonly appId: string;
  /** Needed unless `gateway` is given. */
  readonly appSecret?: string;
  /**
   * A wxrelay gateway that makes the calls, and the key that it knows this program by: no AppSecret is needed here, and no
   * token fetched. `baseUrl`, `tokenApi` and `cache` then mean nothing.
   */
  readonly gateway?: GatewayAccess;
  /** `https://api.weixin.qq.com` by default; or a nearer host, a proxy, the simulator. */
  readonly baseUrl?: string;
  /**
   * `stable` by default: any number of programs can fetch a token without ending each other's. With `legacy` each fetch
   * ends the token before it, so that all programs of the account must share one cache.
   */
  readonly tokenApi?: 'stable' | 'legacy';
  /** Where the token is kept: in the memory of this process, unless several processes share one here. */
  readonly cache?: TokenCache;
  /** Where the JS-SDK ticket is kept: likewise. */
  readonly ticketCache?: TicketCache;
  /** Silent by default. Neither tokens nor the AppSecret are logged. */
  readonly log?: Logger;
  /** Connections kept open, at most; 64 by default. */
  readonly connections?: number;
}

/** A client with connections of its own. */
export interface StandaloneWeChat extends WeChat {
  /** Lets the calls that are under way end, and closes the connections. */
  close(): Promise<void>;
}

/**
 * The API of one account for any Node program. Nothing is fetched before the first call. Throws TypeError for an AppID
 * that is missing, and where neither AppSecret nor gateway is given.
 *
 * ```ts
 * const wechat = createWeChat({ appId: 'wx…', appSecret: '…' });
 * await wechat.menu.create({ button: [{ type: 'click', name: '天气', key: 'WEATHER' }] });
 * ```
 */
export function createWeChat(options: WeChatOptions): StandaloneWeChat {
  const { appId, ticketCache, log = silentLog() } = options;
  if (!appId) throw new TypeError(`createWeChat needs appId: ${WHERE}`);
  const way = options.gateway ? throughGateway(options.gateway, options) : direct(options, log);
  const wechat = composeWeChat({ ...way, appId, log, ...(ticketCache ? { tickets: ticketCache } : {}) });
  return { ...wechat, close: () => way.http.close() };
}

const WHERE = `see https://developers.weixin.qq.com/platform, ${CONSOLE.keys}.`;

function throughGateway({ url, key }: GatewayAccess, options: WeChatOptions) {
  if (!url || !key) throw new TypeError('The gateway of createWeChat needs its url and a key: see docs/gateway.md.');
  return { http: createGatewayHttp({ url, key }, connectionsOf(options)), tokens: noTokens };
}

function direct(options: WeChatOptions, log: Logger) {
  const { appId, appSecret, baseUrl = 'https://api.weixin.qq.com', tokenApi: api = 'stable' } = options;
  if (!appSecret) throw new TypeError(`createWeChat needs appSecret, or a gateway: ${WHERE}`);
  const http = createHttp(baseUrl, connectionsOf(options));
  const { cache = createMemoryCache() } = options;
  return { http, tokens: createTokenSource({ http, cache, appId, appSecret, api, log }), appSecret };
}

const connectionsOf = ({ connections }: WeChatOptions) => (connections === undefined ? {} : { connections });
