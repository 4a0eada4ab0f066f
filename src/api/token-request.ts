import { NetworkError } from './errors.ts';
import type { ApiAnswer, Http } from './http.ts';
import type { StoredToken } from './token-cache.ts';

export interface TokenRequest {
  readonly http: Http;
  readonly appId: string;
  readonly appSecret: string;
  readonly api: 'stable' | 'legacy';
}

const PATHS = { stable: '/cgi-bin/stable_token', legacy: '/cgi-bin/token' } as const;

export const tokenPath = (api: 'stable' | 'legacy'): string => PATHS[api];
/** Whether a failure was that of fetching the token, and so says nothing of the call that needed it. */
export const isTokenApi = (path: string): boolean => Object.values<string>(PATHS).includes(path);

/**
 * Asks WeChat for a token. `force` ends the present one at once and gives a new one: 20 times a day, 30 s apart, stable API
 * only. (Official pages: 获取稳定版接口调用凭据, 获取接口调用凭据.)
 */
export async function requestToken(
  request: TokenRequest,
  now: number,
  signal: AbortSignal,
  force = false,
): Promise<StoredToken> {
  const { http, appId, appSecret, api } = request;
  const path = tokenPath(api);
  const grant = { grant_type: 'client_credential', appid: appId, secret: appSecret };
  // Whoever needs it asks again; here it is asked for once.
  const answer: ApiAnswer =
    api === 'stable'
      ? await http.call({
          method: 'POST',
          path,
          json: force ? { ...grant, force_refresh: true } : grant,
          signal,
          retries: 0,
        })
      : await http.call({ method: 'GET', path, query: grant, signal, retries: 0 });
  const { access_token: token, expires_in: seconds } = answer;
  if (typeof token !== 'string' || !token || !Number.isFinite(Number(seconds)))
    throw new NetworkError(path, false, 'its answer has no access_token');
  const life = Number(seconds) * 1000;
  // WeChat keeps the old token alive for 5 minutes after a new one; a stable token may have only 5 minutes left.
  const early = Math.min(Math.max(300_000, life / 10), life / 2);
  return { token, expiresAt: now + life, refreshAt: now + life - early };
}
