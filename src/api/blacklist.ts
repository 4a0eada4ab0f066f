import type { Api } from './api.ts';
import { checkCount } from './checks.ts';
import { post } from './endpoint.ts';
import { type OpenidPage, openids } from './paging.ts';

/** Users who cannot write to the account, nor it to them (黑名单). */
export interface BlacklistApi {
  /** All openids on it, page after page. */
  list(): AsyncGenerator<string, void>;
  /** One page, after an openid; 1000, and 10000 on older pages. POST /cgi-bin/tags/members/getblacklist */
  page(after?: string): Promise<OpenidPage>;
  /** Adds 1 to 20 users. 拉黑用户. POST /cgi-bin/tags/members/batchblacklist */
  add(openids: readonly string[]): Promise<void>;
  /** Removes 1 to 20 users. 取消拉黑用户. POST /cgi-bin/tags/members/batchunblacklist */
  remove(openids: readonly string[]): Promise<void>;
}

export function createBlacklistApi(api: Api): BlacklistApi {
  const page = (after = ''): Promise<OpenidPage> =>
    post(api, '/cgi-bin/tags/members/getblacklist', { begin_openid: after });
  const change = async (verb: 'batchblacklist' | 'batchunblacklist', list: readonly string[]) => {
    checkCount(list, 'Users', 1, 20);
    await post(api, `/cgi-bin/tags/members/${verb}`, { openid_list: list });
  };
  return {
    list: () => openids(page),
    page,
    add: (list) => change('batchblacklist', list),
    remove: (list) => change('batchunblacklist', list),
  };
}
