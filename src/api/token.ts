import type { Logger } from '../log.ts';
import { concernsAccount } from '../wechat/advice.ts';
import type { Reaction } from '../wechat/reaction.ts';
import { ApiError, NetworkError } from './errors.ts';
import { BETWEEN_FORCES, type StoredToken, type TokenCache, type Unusable } from './token-cache.ts';
import { isTokenApi, requestToken, type TokenRequest, tokenPath } from './token-request.ts';
import type { TokenGuardian } from './token-source.ts';

export type { StoredToken, TokenCache, Unusable } from './token-cache.ts';

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
/** How long all processes wait after a failure that may pass before one of them asks again: twice as long each time. */
const FIRST_AGAIN = 500;
const LONGEST_AGAIN = 15_000;
/** Asked so often in a day, it is asked seldom: WeChat's smallest quota is 2000. */
const FREQUENT_A_DAY = 500;
const SELDOM = 120_000;
/** How long all processes wait after a refresh ahead of time that failed; there is time enough. */
const AHEAD_AGAIN = 10_000;
/** Milliseconds; less than the lock of whoever fetches holds, so that two never fetch at once. */
const FETCH_WITHIN = 12_000;
/** How long after a token was given out again its refusal may be the answer to a call from before, unless it is proven. */
const UNPROVEN = 5000;
/** How long after that its refusal means that it still fails. */
const STILL_FAILS = 600_000;
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
  /** What was given out again although it had been refused. */
  let given: StoredToken | undefined;
  let unusable: Unusable | undefined;
  /** In a row, and when that may be tried again. */
  let failures = 0;
  let askAt = 0;
  let fetchesToday = 0;
  let readAt = 0;
  let fetchedAt = Number.NEGATIVE_INFINITY;
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
    if (!seen) return;
    ({ token: mine, unusable, failures, askAt = 0, fetchesToday = fetchesToday, refused = refused } = seen);
    if (mine?.standsUntil !== undefined) given = mine;
    if (isUsable(mine) && mine.token === refused) refused = undefined;
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
    const signal = AbortSignal.timeout(FETCH_WITHIN);
    fetchesToday += 1;
    try {
      const [came] = await Promise.all([
        requestToken(options, now(), signal),
        // Counted also where it fails.
        shared(cache.countFetch(now())),
      ]);
      const token = came.token === refused ? await refusedToken(came, signal) : came;
      mine = token;
      if (token.standsUntil !== undefined) given = token;
      readAt = fetchedAt = now();
      refused = undefined;
      failures = askAt = 0;
      await Promise.all([shared(cache.write(token)), shared(cache.fetched(now()))]);
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

  /**
   * WeChat gave out again the token that was refused. The first time it is handed on, for it may well be good; where it
   * still fails another is forced, which ends it for everybody, and seldom may be done.
   */
  const refusedToken = async (same: StoredToken, signal: AbortSignal): Promise<StoredToken> => {
    const before = given?.token === same.token ? given.standsUntil : undefined;
    if (before === undefined || before < now() - STILL_FAILS) return { ...same, standsUntil: now() };
    if (options.api === 'stable' && (await shared(cache.countForce(now()))) === true) {
      log.warn('token.forced');
      const forced = await requestToken(options, now(), signal, true).catch((error) => {
        if (!(error instanceof ApiError)) throw error;
        log.warn({ err: error }, 'token.not_forced');
      });
      if (forced && forced.token !== same.token) return forced;
    }
    return { ...same, standsUntil: now() + BETWEEN_FORCES };
  };

  const noteFailure = async (error: Error, ahead: boolean) => {
    const { errcode, advice } = error instanceof ApiError ? error : {};
    const often = fetchesToday < FREQUENT_A_DAY;
    askAt = now() + (often ? Math.min(FIRST_AGAIN * 2 ** failures, LONGEST_AGAIN) : SELDOM);
    failures += 1;
    const failure = { at: now(), message: error.message, ...(errcode === undefined ? {} : { errcode }) };
    await shared(cache.failed(failure, askAt));
    // Ahead of time nothing is lost yet: the old token goes on serving.
    if (error instanceof ApiError && error.row.reaction !== 'retry' && !ahead) await beginUnusable(error);
    else log.error({ err: error, ...(advice ? { advice: advice.en, advice_zh: advice.zh } : {}) }, 'token.failed');
  };

  /** Throws where another process has found out that waiting is in vain; returns a token where one is there. */
  const present = (): string | undefined => {
    if (unusable && unusable.retryAt > now()) throw refusalOf(unusable);
    return !unusable && isUsable(mine) ? mine.token : undefined;
  };

  /**
   * `alone`: the cache cannot be asked for it, and nobody waits for that. But where each fetch ends the token before it,
   * processes that all fetch at once would go on ending each other's.
   */
  const lock = () =>
    cache.lock().catch((error) => {
      log.warn({ err: error }, 'token.cache_unreachable');
      return now() - fetchedAt > PATIENCE ? ('alone' as const) : undefined;
    });

  /** A failure that may pass is not the end: in turn, and after a pause, the processes ask again, and all wait for it. */
  const fetchOrWait = async (): Promise<string> => {
    const deadline = now() + PATIENCE;
    let failed: unknown;
    for (; ; await look()) {
      const there = present();
      if (there) return there;
      const late = now() > deadline;
      if (late && failed) throw failed;
      const due = askAt <= now();
      const turn = due ? await lock() : undefined;
      // Late, and nothing has failed: whoever has the lock is stuck.
      if (turn || (due && late && failures === 0)) {
        try {
          const token = await takeTurn(turn);
          if (token) return token;
        } catch (error) {
          if (!mayPass(error)) throw error;
          failed = error;
        }
      }
      if (late) throw failed ?? new NetworkError(path, false, 'it has failed, and is asked again later');
      await new Promise((resolve) => setTimeout(resolve, POLL));
    }
  };

  /** Asks, unless a last look shows that another has just done so. */
  const takeTurn = async (turn: Awaited<ReturnType<typeof lock>>): Promise<string | undefined> => {
    if (turn === 'alone') return fetchOrTry();
    try {
      await look();
      return present() ?? (askAt <= now() ? await fetchOrTry() : undefined);
    } finally {
      await turn?.().catch(() => undefined);
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
    async replace(token, again = false) {
      await look();
      const stands = mine?.token === token ? mine.standsUntil : undefined;
      if (isUsable(mine) && stands !== undefined && now() < stands + (again ? 0 : UNPROVEN)) return token;
      refused = token;
      const ended = await shared(cache.expire(token, 'refused', stands));
      if (mine?.token === token) mine = undefined;
      let next: string | undefined;
      try {
        next = await source.get();
        return next;
      } finally {
        // The same again was not dead; and what had to be forced nobody else has ended.
        const died = next !== token && stands === undefined;
        if (died && ended && ended.refreshAt > now()) await noteDeath();
      }
    },
    async refresh() {
      await look();
      if (unusable) {
        unusable = { ...unusable, retryAt: now() };
        await shared(cache.retryAt(now()));
      }
      if (mine) await shared(cache.expire(mine.token, 'unwanted', mine.standsUntil));
      mine = undefined;
      const token = await source.get();
      // It was not the token API that refused: whichever process calls next finds out whether the others still do.
      if (unusable) {
        tryingUntil = 0;
        unusable = { ...unusable, retryAt: now() };
        await shared(cache.retryAt(now()));
      }
      return token;
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

const mayPass = (error: unknown) =>
  error instanceof NetworkError || (error instanceof ApiError && error.row.reaction === 'retry');

const refusalOf = ({ api, errcode, errmsg, advice, retryAt }: Unusable) =>
  new ApiError(api, errcode, errmsg, { advice, retryAt });
