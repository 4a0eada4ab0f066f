import type { Logger } from '../log.ts';
import { quotaRenewal } from '../wechat/quota-day.ts';
import { ApiError } from './errors.ts';
import type { ApiRequest, Http } from './http.ts';
import type { ApiPause, ApiPauses } from './pauses.ts';
import { clearedBy } from './quota.ts';
import type { TokenGuardian } from './token-source.ts';

export interface GuardOptions {
  readonly http: Http;
  readonly pauses: ApiPauses;
  readonly tokens: Pick<TokenGuardian, 'heard'>;
  readonly log: Logger;
  readonly onPause?: (api: string, errcode: number) => void;
  readonly now?: () => number;
}

const DAY_USED_UP = 45009;
const TOO_FAST = 45011;
/** How often one call finds out whether a quota is back: somebody may have cleared it, or it counts by another clock. */
const CHECK_EVERY = 3_600_000;
/** Milliseconds; WeChat does not say how long "this minute" goes on. */
const FIRST_PAUSE = 5000;
const LONGEST_PAUSE = 60_000;
/** How long a process goes by what it knows of an API's pause. */
const TRUST = 1000;

/**
 * Holds calls back that WeChat would refuse, in all processes of the account: an API whose quota is used up (45009) rests until
 * midnight in China, with one call an hour to see whether it is back sooner; one called too fast (45011) rests for seconds,
 * longer each time. A call held back throws the `ApiError` that WeChat gave, with `retryAt`. Other errcodes of the whole
 * account are told to its token source.
 */
export function guardHttp({ http, pauses, tokens, log, onPause, now = Date.now }: GuardOptions): Http {
  const known = new Map<string, { pause: Promise<ApiPause | undefined>; readAt: number }>();
  /** With Redis away, what this process knows goes on counting. */
  const shared = <T>(answer: Promise<T>): Promise<T | undefined> =>
    answer.catch((error) => void log.warn({ err: error }, 'pauses.unreachable'));

  const pauseOf = (api: string): Promise<ApiPause | undefined> => {
    const mine = known.get(api);
    if (mine && now() - mine.readAt <= TRUST) return mine.pause;
    const reading = shared(pauses.read(api).then((pause) => ({ pause })));
    const pause = reading.then((seen) => (seen ? seen.pause : mine?.pause));
    // Where there is an older one the others go by that meanwhile: Redis may be slow.
    known.set(api, { pause: mine?.pause ?? pause, readAt: now() });
    void pause.then(() => known.set(api, { pause, readAt: now() }));
    return pause;
  };

  /** Throws while the API is paused. Returns true where this call is to find out whether it still has to be. */
  const admit = async (api: string): Promise<boolean> => {
    const pause = await pauseOf(api);
    if (!pause || pause.until <= now()) return false;
    if (pause.checkAt <= now() && (await shared(pauses.claimCheck(api, now(), now() + CHECK_EVERY)))) return true;
    throw new ApiError(api, pause.errcode, `held back since ${new Date(pause.since).toISOString()}`, {
      retryAt: Math.min(pause.until, Math.max(pause.checkAt, now() + TRUST)),
    });
  };

  const begin = async ({ api, errcode, errmsg }: ApiError): Promise<ApiError> => {
    const at = now();
    const until = quotaRenewal(at);
    const first = FIRST_PAUSE * (1 + Math.random() / 2);
    const paused = await shared(
      errcode === DAY_USED_UP
        ? pauses.pauseUntil(api, errcode, at, until, Math.min(at + CHECK_EVERY, until))
        : pauses.pauseGrowing(api, errcode, at, Math.round(first), LONGEST_PAUSE),
    );
    const pause = paused?.pause ?? { errcode, since: at, until: at + FIRST_PAUSE, checkAt: at + FIRST_PAUSE };
    known.set(api, { pause: Promise.resolve(pause), readAt: at });
    if (paused?.begins) {
      onPause?.(api, errcode);
      log.warn({ api, errcode, until: new Date(pause.until).toISOString() }, 'api.paused');
    }
    return new ApiError(api, errcode, errmsg, { retryAt: Math.min(pause.until, pause.checkAt) });
  };

  const end = async (api: string) => {
    known.delete(api);
    await shared(pauses.end(api));
    log.info({ api }, 'api.resumed');
  };

  const endAll = async () => {
    known.clear();
    await shared(pauses.endAll());
    log.info({ api: 'all' }, 'api.resumed');
  };

  const guarded =
    <T>(send: (request: ApiRequest) => Promise<T>) =>
    async (request: ApiRequest): Promise<T> => {
      const checking = await admit(request.path);
      try {
        const answer = await send(request);
        if (checking) await end(request.path);
        const cleared = clearedBy(request);
        if (cleared) await (cleared === 'all' ? endAll() : end(cleared));
        await tokens.heard(undefined);
        return answer;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (error.errcode === DAY_USED_UP || error.errcode === TOO_FAST) throw await begin(error);
        if (checking) await end(request.path);
        await tokens.heard(error);
        throw error;
      }
    };

  return { call: guarded(http.call), download: guarded(http.download), close: http.close };
}
