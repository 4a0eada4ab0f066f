import type { Logger } from '../log.ts';
import { ApiError } from './errors.ts';
import type { ApiAnswer, Http } from './http.ts';

/** Times are milliseconds since 1970. */
export interface StoredToken {
  readonly token: string;
  readonly expiresAt: number;
  /** From when one process should fetch the next one, while this one goes on serving. */
  readonly refreshAt: number;
}

/** Where all processes of an account share its token. `store/` implements it. */
export interface TokenCache {
  read(): Promise<StoredToken | undefined>;
  write(token: StoredToken): Promise<void>;
  /** Ends `token` only if it is the one in use. */
  expire(token: string): Promise<void>;
  /** The lock of whoever fetches; `undefined` where somebody else holds it. */
  lock(): Promise<(() => Promise<void>) | undefined>;
}

export interface TokenSource {
  /** A token to use now. */
  get(): Promise<string>;
  /** WeChat refused `token` (40001, 40014, 42001): a fresh one, fetched only if nobody has done so yet. */
  replace(token: string): Promise<string>;
}

export interface TokenOptions {
  readonly http: Http;
  readonly cache: TokenCache;
  readonly appId: string;
  readonly appSecret: string;
  readonly api: 'stable' | 'legacy';
  readonly log: Logger;
  readonly onFetch?: (result: 'ok' | 'failed') => void;
  readonly now?: () => number;
}

/** How long a process trusts its own copy before it looks at the shared one again. */
const TRUST = 60_000;
/** How often, and how long, a process looks whether the one that fetches is done. */
const POLL = 50;
/** A refusal that only a person can end is believed for a while: each user's lane would ask again, and burn the quota. */
const REFUSED_FOR = 30_000;
const PATIENCE = 20_000;
/** A fetch takes less than the lock holds, so that two never fetch at once. */
const FETCH_WITHIN = 12_000;
/** How long a process waits after a refresh ahead of time that failed; there is time enough. */
const AHEAD_AGAIN = 10_000;

/**
 * One token for any number of processes. It is fetched by whoever gets the lock, after looking once more whether that
 * is still needed; ahead of its expiry by one process, while the old token goes on serving. With the cache out of reach
 * the last known token serves from memory, for fetching again and again would burn the daily quota.
 */
export function createTokenSource(options: TokenOptions): TokenSource {
  const { cache, log, now = Date.now } = options;
  let mine: StoredToken | undefined;
  let readAt = 0;
  let refreshing = false;
  let aheadFrom = 0;
  let refused: { error: ApiError; until: number } | undefined;
  let waiting: Promise<string> | undefined;

  const look = async (): Promise<StoredToken | undefined> => {
    try {
      mine = await cache.read();
      readAt = now();
    } catch (error) {
      log.warn({ err: error }, 'token.cache_unreachable');
      // Trusted for as long again, or each call would wait for Redis in vain.
      readAt = now();
    }
    return isUsable(mine) ? mine : undefined;
  };
  const isUsable = (token: StoredToken | undefined) => token !== undefined && token.expiresAt > now();

  const fetchToken = async (): Promise<string> => {
    try {
      const token = await requestToken(options, now());
      mine = token;
      readAt = now();
      await cache.write(token).catch((error) => log.warn({ err: error }, 'token.cache_unreachable'));
      options.onFetch?.('ok');
      log.info({ seconds: Math.round((token.expiresAt - now()) / 1000) }, 'token.fetched');
      return token.token;
    } catch (error) {
      options.onFetch?.('failed');
      if (error instanceof ApiError && error.row.reaction !== 'retry') refused = { error, until: now() + REFUSED_FOR };
      log.error({ err: error, ...(error instanceof ApiError ? { advice: error.row.meaning.en } : {}) }, 'token.failed');
      throw error;
    }
  };

  const fetchOrWait = async (): Promise<string> => {
    const deadline = now() + PATIENCE;
    for (;;) {
      const shared = await look();
      if (shared) return shared.token;
      if (refused && refused.until > now()) throw refused.error;
      const unlock = await cache.lock().catch(() => undefined);
      if (unlock || now() > deadline) {
        try {
          return (await look())?.token ?? (await fetchToken());
        } finally {
          await unlock?.().catch(() => undefined);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, POLL));
    }
  };

  const refreshAhead = async () => {
    if (refreshing) return;
    refreshing = true;
    const unlock = await cache.lock().catch(() => undefined);
    try {
      const shared = unlock && (await look());
      if (unlock && (!shared || shared.refreshAt <= now())) await fetchToken();
    } catch {
      // It has been logged; the old token goes on serving.
      aheadFrom = now() + AHEAD_AGAIN;
    } finally {
      await unlock?.().catch(() => undefined);
      refreshing = false;
    }
  };

  return {
    async get() {
      if (!isUsable(mine) || now() - readAt > TRUST) await look();
      if (mine && isUsable(mine)) {
        if (Math.max(mine.refreshAt, aheadFrom) <= now()) void refreshAhead();
        return mine.token;
      }
      waiting ??= fetchOrWait().finally(() => {
        waiting = undefined;
      });
      return waiting;
    },
    async replace(token) {
      await cache.expire(token).catch((error) => log.warn({ err: error }, 'token.cache_unreachable'));
      if (mine?.token === token) mine = undefined;
      return this.get();
    },
  };
}

async function requestToken({ http, appId, appSecret, api }: TokenOptions, now: number): Promise<StoredToken> {
  const grant = { grant_type: 'client_credential', appid: appId, secret: appSecret };
  const signal = AbortSignal.timeout(FETCH_WITHIN);
  const answer: ApiAnswer =
    api === 'stable'
      ? await http.call({ method: 'POST', path: '/cgi-bin/stable_token', json: grant, signal })
      : await http.call({ method: 'GET', path: '/cgi-bin/token', query: grant, signal });
  const { access_token: token, expires_in: seconds } = answer;
  if (typeof token !== 'string' || !token || !Number.isFinite(Number(seconds)))
    throw new Error('the token API answered without an access_token');
  const life = Number(seconds) * 1000;
  // WeChat keeps the old token alive for 5 minutes after a new one; a stable token may have only 5 minutes left.
  const early = Math.min(Math.max(300_000, life / 10), life / 2);
  return { token, expiresAt: now + life, refreshAt: now + life - early };
}
