import type { Logger } from '../log.ts';
import { concernsAccount } from '../wechat/advice.ts';
import type { Reaction } from '../wechat/reaction.ts';
import { ApiError, NetworkError } from './errors.ts';
import type { StoredToken, TokenCache, Unusable } from './token-cache.ts';
import { isTokenApi, requestToken, type TokenRequest, tokenPath } from './token-request.ts';

export type { StoredToken, TokenCache, Unusable } from './token-cache.ts';

export interface TokenSource {
  /** A token to use now. While the account is unusable it throws the `ApiError` that says why, without asking WeChat. */
  get(): Promise<string>;
  /** WeChat refused `token` (40001, 40014, 42001): a fresh one, fetched only if nobody has done so yet. */
  replace(token: string): Promise<string>;
}

/** A source that fetches by itself, and so knows how the account stands. */
export interface TokenGuardian extends TokenSource {
  /** Ends the token in use, though WeChat has not refused it, and fetches anew, now. */
  refresh(): Promise<string>;
  /** What a call with a token was answered; `undefined` for success. A refusal may concern the account, and so every call. */
  heard(error: ApiError | undefined): Promise<void>;
  /** Why the account cannot use the API (40164, 40125, 40013, 40243, 89503 and the like), as far as this process knows. */
  readonly unusable: Unusable | undefined;
}

export interface TokenOptions extends TokenRequest {
  readonly cache: TokenCache;
  readonly log: Logger;
  readonly onFetch?: (result: 'ok' | 'failed') => void;
  readonly now?: () => number;
}

/** How long a process trusts its own copy before it looks at the shared one again; shorter while the account is unusable. */
const TRUST = 60_000;
const TRUST_UNUSABLE = 1000;
/** How often, and how long, a process looks whether the one that fetches is done. */
const POLL = 50;
const PATIENCE = 20_000;
/** How long all processes wait after a refresh ahead of time that failed; there is time enough. */
const AHEAD_AGAIN = 10_000;
/** How long the process that tries whether the account works again may use the token. */
const TRY_WITHIN = 10_000;
/** How soon the token API, or an account that was unusable, is asked again: each user's lane would, and burn the quota. */
const AGAIN = 60_000;
const AGAIN_AFTER: Partial<Record<Reaction, number>> = { daily: 900_000, blocked: 900_000 };
/** Two deaths within this time are no accident. */
const DEATHS_WITHIN = 600_000;

/**
 * One token for any number of processes. It is fetched by whoever gets the lock, after looking once more whether that
 * is still needed; ahead of its expiry by one process, while the old token goes on serving. With the cache out of reach
 * the last known token serves from memory, for fetching again and again would burn the daily quota.
 */
export function createTokenSource(options: TokenOptions): TokenGuardian {
  const { cache, log, now = Date.now } = options;
  const path = tokenPath(options.api);
  let mine: StoredToken | undefined;
  let refused: string | undefined;
  let unusable: Unusable | undefined;
  let failures = 0;
  let readAt = 0;
  let tryingUntil = 0;
  let refreshing = false;
  let waiting: Promise<string> | undefined;

  const isUsable = (token: StoredToken | undefined): token is StoredToken =>
    token !== undefined && token.expiresAt > now();
  /** With the cache out of reach, what this process knows goes on counting. */
  const shared = <T>(answer: Promise<T>): Promise<T | undefined> =>
    answer.catch((error) => void log.warn({ err: error }, 'token.cache_unreachable'));

  const look = async () => {
    const seen = await shared(cache.read());
    // Trusted for as long again, or each call would wait for Redis in vain.
    readAt = now();
    if (seen) ({ token: mine, unusable, failures, refused = refused } = seen);
  };

  const beginUnusable = async ({ api, errcode, errmsg, rid, row, advice = row.meaning }: ApiError) => {
    const retryAt = now() + (AGAIN_AFTER[row.reaction] ?? AGAIN);
    const state: Unusable = { api, errcode, errmsg, since: now(), advice, retryAt };
    const begins = (await shared(cache.beginUnusable(state))) ?? unusable?.errcode !== errcode;
    unusable = begins || !unusable ? state : { ...unusable, retryAt };
    const facts = { api, errcode, errmsg, rid, advice: advice.en, advice_zh: advice.zh };
    if (begins) log.error(facts, 'account.unusable');
    else log.debug(facts, 'account.still_unusable');
  };

  const endUnusable = async () => {
    unusable = undefined;
    if ((await shared(cache.endUnusable())) ?? true) log.info('account.usable');
  };

  const fetchToken = async (ahead: boolean): Promise<StoredToken> => {
    try {
      await shared(cache.countFetch(now()));
      const asked = await requestToken(options, now());
      const token = asked.token === refused ? await forceToken() : asked;
      mine = token;
      readAt = now();
      refused = undefined;
      await shared(cache.write(token));
      await shared(cache.fetched(now()));
      options.onFetch?.('ok');
      log.info({ seconds: Math.round((token.expiresAt - now()) / 1000) }, 'token.fetched');
      if (unusable && isTokenApi(unusable.api)) await endUnusable();
      return token;
    } catch (error) {
      options.onFetch?.('failed');
      await noteFailure(error as Error, ahead);
      throw error;
    }
  };

  /** The stable API gave out again the token that WeChat refuses: it is made to give another, which it seldom may. */
  const forceToken = async (): Promise<StoredToken> => {
    if ((await shared(cache.countForce(now()))) === true) {
      log.warn('token.forced');
      const forced = await requestToken(options, now(), true);
      if (forced.token !== refused) return forced;
    }
    throw new ApiError(path, 40001, 'the token that was given out is the one that was refused', {
      advice: {
        en: 'WeChat refuses the access_token that it gives out, and cannot be asked for another yet; it is asked again by itself',
        zh: '微信发放的 access_token 又被微信拒绝，且暂时不能强制刷新；稍后会自动重试',
      },
    });
  };

  const noteFailure = async (error: Error, ahead: boolean) => {
    const { errcode, advice } = error instanceof ApiError ? error : {};
    await shared(cache.failed({ at: now(), message: error.message, ...(errcode === undefined ? {} : { errcode }) }));
    // Ahead of time nothing is lost yet: the old token goes on serving.
    if (error instanceof ApiError && error.row.reaction !== 'retry' && !ahead) await beginUnusable(error);
    else log.error({ err: error, ...(advice ? { advice: advice.en, advice_zh: advice.zh } : {}) }, 'token.failed');
  };

  /** Throws where another process has found out that waiting is in vain; returns a token where one is there. */
  const present = (failuresBefore: number): string | undefined => {
    if (unusable && unusable.retryAt > now()) throw refusalOf(unusable);
    if (!unusable && isUsable(mine)) return mine.token;
    if (failures > failuresBefore) throw new NetworkError(path, false, 'another process has just failed to fetch it');
    return undefined;
  };

  const fetchOrWait = async (): Promise<string> => {
    const deadline = now() + PATIENCE;
    await look();
    for (const before = failures; ; await look()) {
      const there = present(before);
      if (there) return there;
      const unlock = await cache.lock().catch(() => undefined);
      if (unlock || now() > deadline) {
        try {
          await look();
          return present(before) ?? (await fetchOrTry());
        } finally {
          await unlock?.().catch(() => undefined);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, POLL));
    }
  };

  const fetchOrTry = async (): Promise<string> => {
    const { token } = isUsable(mine) ? mine : await fetchToken(false);
    // It was not the token API that refused: this process tries whether the others still do.
    if (unusable) {
      tryingUntil = now() + TRY_WITHIN;
      await shared(cache.retryAt(now() + AGAIN));
    }
    return token;
  };

  const refreshAhead = async () => {
    if (refreshing) return;
    refreshing = true;
    const unlock = await cache.lock().catch(() => undefined);
    try {
      if (unlock) await look();
      if (unlock && (!mine || mine.refreshAt <= now())) await fetchToken(true);
    } catch {
      // It has been logged; the old token goes on serving.
      if (mine) {
        mine = { ...mine, refreshAt: now() + AHEAD_AGAIN };
        await shared(cache.write(mine));
      }
    } finally {
      await unlock?.().catch(() => undefined);
      refreshing = false;
    }
  };

  const noteDeath = async () => {
    const times = (await shared(cache.died(now()))) ?? [];
    const recent = times.filter((at) => at > now() - DEATHS_WITHIN);
    if (recent.length < 2) return;
    log.warn(
      {
        times: recent.map((at) => new Date(at).toISOString()),
        advice: 'fresh tokens die early: another program uses this AppSecret',
        advice_zh: 'access_token 刚获取就失效：有别的程序在使用同一个 AppSecret',
      },
      'token.dies_early',
    );
  };

  const source: TokenGuardian = {
    get unusable() {
      return unusable;
    },
    async get() {
      const known = unusable !== undefined || isUsable(mine);
      if (!known || now() - readAt > (unusable ? TRUST_UNUSABLE : TRUST)) await look();
      if (unusable && unusable.retryAt > now() && tryingUntil <= now()) throw refusalOf(unusable);
      if (isUsable(mine) && (!unusable || tryingUntil > now())) {
        if (mine.refreshAt <= now()) void refreshAhead();
        return mine.token;
      }
      waiting ??= fetchOrWait().finally(() => {
        waiting = undefined;
      });
      return waiting;
    },
    async replace(token) {
      refused = token;
      const ended = await shared(cache.expire(token, 'refused'));
      if (ended && ended.refreshAt > now()) await noteDeath();
      if (mine?.token === token) mine = undefined;
      return source.get();
    },
    async refresh() {
      await look();
      if (unusable) {
        unusable = { ...unusable, retryAt: now() };
        await shared(cache.retryAt(now()));
      }
      if (mine) await shared(cache.expire(mine.token, 'unwanted'));
      mine = undefined;
      return source.get();
    },
    async heard(error) {
      if (error && concernsAccount(error.errcode)) {
        tryingUntil = 0;
        await beginUnusable(error);
      } else if (unusable && tryingUntil > now()) await endUnusable();
    },
  };
  return source;
}

const refusalOf = ({ api, errcode, errmsg, advice, retryAt }: Unusable) =>
  new ApiError(api, errcode, errmsg, { advice, retryAt });
