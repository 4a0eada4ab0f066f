import type { Api } from './api.ts';
import { post } from './endpoint.ts';
import type { ApiRequest, Http } from './http.ts';

interface Rate {
  readonly call_count: number;
  readonly refresh_second: number;
}

/** How often an API may be called. WeChat's counters may be off by 1 %. */
export interface ApiQuota {
  readonly quota: { readonly daily_limit: number; readonly used: number; readonly remain: number };
  readonly rate_limit?: Rate;
  readonly component_rate_limit?: Rate;
}

/** One request, as WeChat remembers it. Keep it to yourself: the URL has the access_token in it. */
export interface RememberedRequest {
  /** Seconds since 1970. */
  readonly invoke_time: number;
  readonly cost_in_ms: number;
  readonly request_url: string;
  readonly request_body: string;
  readonly response_body: string;
  readonly client_ip: string;
}

/** How much the account may still call (OpenAPI 管理). */
export interface QuotaApi {
  /** Of one API, by its path, such as /cgi-bin/message/custom/send. 查询API调用额度. POST /cgi-bin/openapi/quota/get */
  get(path: string): Promise<ApiQuota>;
  /** Begins one API's day anew, at most 50 times a month. 重置指定API调用次数. POST /cgi-bin/openapi/quota/clear */
  clear(path: string): Promise<void>;
  /** Begins the day of all APIs anew, at most 10 times a month, those of `clearAllBySecret` included (48006). POST /cgi-bin/clear_quota */
  clearAll(): Promise<void>;
  /**
   * The same without a token: for when fetching one is what is used up. Needs the AppSecret.
   * 使用AppSecret重置API调用次数. POST /cgi-bin/clear_quota/v2
   */
  clearAllBySecret(): Promise<void>;
  /** What became of a request, for 7 days, by the `rid` of an ApiError. 查询rid信息. POST /cgi-bin/openapi/rid/get */
  request(rid: string): Promise<{ request: RememberedRequest }>;
}

export interface Credentials {
  readonly appId: string;
  /** Absent where another machine holds it. */
  readonly appSecret?: string;
}

const CLEAR = '/cgi-bin/openapi/quota/clear';
const CLEAR_ALL = '/cgi-bin/clear_quota';
const CLEAR_ALL_BY_SECRET = '/cgi-bin/clear_quota/v2';

/** The API whose day a call begins anew, by its path; 'all' of them; `undefined` for any other call. */
export function clearedBy({ path, json }: ApiRequest): string | undefined {
  if (path === CLEAR_ALL || path === CLEAR_ALL_BY_SECRET) return 'all';
  return path === CLEAR ? (json as { cgi_path: string }).cgi_path : undefined;
}

export function createQuotaApi(api: Api, http: Pick<Http, 'call'>, { appId, appSecret }: Credentials): QuotaApi {
  return {
    get: (path) => post(api, '/cgi-bin/openapi/quota/get', { cgi_path: path }),
    async clear(path) {
      await post(api, CLEAR, { cgi_path: path });
    },
    async clearAll() {
      await post(api, CLEAR_ALL, { appid: appId });
    },
    async clearAllBySecret() {
      if (!appSecret) throw new TypeError('clearAllBySecret needs the AppSecret, which this process does not have.');
      await post(http, CLEAR_ALL_BY_SECRET, { appid: appId, appsecret: appSecret });
    },
    request: (rid) => post(api, '/cgi-bin/openapi/rid/get', { rid }),
  };
}
