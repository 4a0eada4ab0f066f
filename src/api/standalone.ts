import { type Logger, silentLog } from '../log.ts';
import { composeWeChat, type WeChat } from './client.ts';
import { createHttp } from './http.ts';
import type { TicketCache } from './js-sdk.ts';
import { createMemoryCache } from './memory-cache.ts';
import { createTokenSource } from './token.ts';
import type { TokenCache } from './token-cache.ts';

export interface WeChatOptions {
  readonly appId: string;
  readonly appSecret: string;
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
 * or AppSecret that is missing.
 *
 * ```ts
 * const wechat = createWeChat({ appId: 'wx…', appSecret: '…' });
 * await wechat.menu.create({ button: [{ type: 'click', name: '天气', key: 'WEATHER' }] });
 * ```
 */
export function createWeChat(options: WeChatOptions): StandaloneWeChat {
  const { appId, appSecret, baseUrl = 'https://api.weixin.qq.com', tokenApi: api = 'stable' } = options;
  const { cache = createMemoryCache(), ticketCache, log = silentLog(), connections } = options;
  for (const [name, value] of Object.entries({ appId, appSecret }))
    if (!value) throw new TypeError(`createWeChat needs ${name}: see mp.weixin.qq.com, 设置与开发 → 基本配置.`);
  const http = createHttp(baseUrl, connections === undefined ? {} : { connections });
  const tokens = createTokenSource({ http, cache, appId, appSecret, api, log });
  const wechat = composeWeChat({
    http,
    tokens,
    appId,
    appSecret,
    log,
    ...(ticketCache ? { tickets: ticketCache } : {}),
  });
  return { ...wechat, close: () => http.close() };
}
