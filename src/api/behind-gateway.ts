// Calling the API through a gateway, which adds the account's token.
import type { GatewayAccess } from '../config.ts';
import type { Logger } from '../log.ts';
import { ApiError } from './errors.ts';
import { readGatewayError } from './gateway-errors.ts';
import { type ApiRequest, createHttp, type Http, type HttpOptions } from './http.ts';
import type { TokenGuardian, TokenSource } from './token-source.ts';

export type { GatewayAccess } from '../config.ts';

/** The API as a gateway offers it. What the gateway refuses by itself is thrown as what it means to the caller. */
export function createGatewayHttp({ url, key }: GatewayAccess, options: HttpOptions = {}): Http {
  const headers = { ...options.headers, authorization: `Bearer ${key}` };
  const [first = url, ...others] = url.split(',');
  const http = createHttp(first, { ...options, headers, others, readError: readGatewayError });
  return {
    ...http,
    call: (request) => http.call(withoutToken(request)).catch(inItsWords),
    download: (request) => http.download(withoutToken(request)).catch(inItsWords),
  };
}

/** To a client with `"errors": "wechat"` a gateway refuses with status 200. */
function inItsWords(error: Error): never {
  throw (error instanceof ApiError && readGatewayError(error.api, JSON.stringify(error.answer))) || error;
}

function withoutToken({ query, ...request }: ApiRequest): ApiRequest {
  const { access_token: _, ...rest } = query ?? {};
  return { ...request, ...(Object.keys(rest).length > 0 ? { query: rest } : {}) };
}

/** Behind a gateway there is no token to have, and none to replace: the gateway has done so. */
export const noTokens: Pick<TokenGuardian, 'get' | 'replace' | 'heard'> = {
  get: async () => '',
  replace: async () => '',
  heard: async () => undefined,
};

/** How long a process trusts its copy; the official guide suggests a minute. Milliseconds. */
const TRUST = 60_000;

interface RemoteOptions {
  /** Of the token server. */
  readonly http: Http;
  readonly log: Logger;
  readonly now?: () => number;
}

/** The token as a token server hands it out at `/token`. While that is away, the last one serves until it expires. */
export function createRemoteTokens({ http, log, now = Date.now }: RemoteOptions): TokenSource {
  let mine: { readonly token: string; readonly expiresAt: number } | undefined;
  let readAt = 0;
  /** By the token complained about; '' without a complaint. */
  const asking = new Map<string, Promise<string>>();

  const ask = async (failed: string): Promise<string> => {
    try {
      const answer = await http.call({ method: 'GET', path: '/token', ...(failed ? { query: { failed } } : {}) });
      const { access_token: token, expires_in: seconds } = answer;
      if (typeof token !== 'string' || !token) throw new Error('the token server answered without an access_token');
      mine = { token, expiresAt: now() + Number(seconds) * 1000 };
      readAt = now();
      return token;
    } catch (error) {
      log.warn({ err: error }, 'token.server_failed');
      if (!mine || mine.expiresAt <= now() || mine.token === failed) throw error;
      // Trusted for as long again, or each call would ask in vain.
      readAt = now();
      return mine.token;
    }
  };
  const askOnce = (failed = '') => {
    const asked = asking.get(failed) ?? ask(failed).finally(() => asking.delete(failed));
    asking.set(failed, asked);
    return asked;
  };

  return {
    get: async () => (mine && mine.expiresAt > now() && now() - readAt < TRUST ? mine.token : askOnce()),
    // A complaint about another token than the one in use is out of date.
    replace: async (token) => (mine && mine.token !== token ? mine.token : askOnce(token)),
  };
}
