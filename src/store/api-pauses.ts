import type { Redis } from 'ioredis';
import type { ApiPause, ApiPauses } from '../api/pauses.ts';
import { runScript } from './scripts.ts';
import { soon } from './soon.ts';

/** So long after a short pause the next one is longer, in milliseconds. */
const GROWTH_KEPT = 300_000;

const pauseKey = (accountTag: string, api: string) => `${accountTag}:pause:${api}`;
/** Which APIs may have a pause, so that nobody has to look through all keys. */
const indexKey = (accountTag: string) => `${accountTag}:pauses`;

/** The API pauses of one account, shared through Redis. */
export function createApiPauses(redis: Redis, accountTag: string): ApiPauses {
  const index = indexKey(accountTag);
  const pause = async (api: string, errcode: number, at: number, how: (string | number)[]) => {
    const keys = [pauseKey(accountTag, api), index];
    const [begins, until, checkAt] = await soon(
      runScript<[number, string, string]>(redis, 'pause', keys, [at, errcode, api, ...how]),
    );
    return {
      begins: begins === 1,
      pause: { errcode, since: at, until: Number(until), checkAt: Number(checkAt) },
    };
  };
  return {
    read: (api) => soon(readPause(redis, accountTag, api)),
    pauseUntil: (api, errcode, at, until, checkAt) => pause(api, errcode, at, ['until', until, checkAt]),
    pauseGrowing: (api, errcode, at, first, longest) =>
      pause(api, errcode, at, ['growing', first, longest, GROWTH_KEPT]),
    async claimCheck(api, at, nextAt) {
      const claimed = runScript<number>(redis, 'claimCheck', [pauseKey(accountTag, api)], [at, nextAt]);
      return (await soon(claimed)) === 1;
    },
    async end(api) {
      await soon(redis.multi().del(pauseKey(accountTag, api)).srem(index, api).exec());
    },
    async endAll() {
      const apis = await soon(redis.smembers(index));
      await soon(redis.del(index, ...apis.map((api) => pauseKey(accountTag, api))));
    },
  };
}

async function readPause(redis: Redis, accountTag: string, api: string): Promise<ApiPause | undefined> {
  const fields = await redis.hmget(pauseKey(accountTag, api), 'errcode', 'since', 'until', 'checkAt');
  const [errcode, since, until, checkAt] = fields.map(Number) as [number, number, number, number];
  return fields[0] ? { errcode, since, until, checkAt } : undefined;
}

/** Every API that is paused now. */
export async function readApiPauses(
  redis: Redis,
  accountTag: string,
  now: number,
): Promise<(ApiPause & { readonly api: string })[]> {
  const apis = await redis.smembers(indexKey(accountTag));
  const all = await Promise.all(
    apis.sort().map(async (api) => {
      const pause = await readPause(redis, accountTag, api);
      return pause && pause.until > now ? [{ api, ...pause }] : [];
    }),
  );
  return all.flat();
}
