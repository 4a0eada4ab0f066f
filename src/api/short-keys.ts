import type { Api } from './api.ts';
import { checkBytes, checkWhole } from './checks.ts';
import { post } from './endpoint.ts';

/** Long data kept at WeChat under a key of 15 characters (短key托管). */
export interface ShortKeysApi {
  /** At most 4 KB, for at most 2592000 seconds (30 days), the default. POST /cgi-bin/shorten/gen */
  create(longData: string, seconds?: number): Promise<{ short_key: string }>;
  /** What was kept, and for how many more seconds. POST /cgi-bin/shorten/fetch */
  fetch(shortKey: string): Promise<{ long_data: string; create_time: number; expire_seconds: number }>;
}

const MONTH = 2_592_000;

export function createShortKeysApi(api: Api): ShortKeysApi {
  return {
    async create(longData, seconds = MONTH) {
      checkBytes(longData, 'The data', 4096);
      checkWhole(seconds, 'seconds', 1, MONTH);
      return post(api, '/cgi-bin/shorten/gen', { long_data: longData, expire_seconds: seconds });
    },
    fetch: (shortKey) => post(api, '/cgi-bin/shorten/fetch', { short_key: shortKey }),
  };
}
