import type { Api } from './api.ts';
import { checkCount } from './checks.ts';
import { get, post } from './endpoint.ts';
import { type OpenidPage, openids } from './paging.ts';

export interface Tag {
  /** Below 100: WeChat's own (2 is 星标组), which cannot be changed. */
  readonly id: number;
  readonly name: string;
  /** How many followers have it. */
  readonly count?: number;
}

/** Tags (标签): at most 100 of an account, 20 on a user. */
export interface TagsApi {
  /** A name of at most 30 bytes that no other has. 创建标签. POST /cgi-bin/tags/create */
  create(name: string): Promise<{ tag: Tag }>;
  /** 获取标签. GET /cgi-bin/tags/get */
  get(): Promise<{ tags: readonly Tag[] }>;
  /** 编辑标签. POST /cgi-bin/tags/update */
  update(id: number, name: string): Promise<void>;
  /** 45057: more than 100,000 have it; take it off some first. 删除标签. POST /cgi-bin/tags/delete */
  delete(id: number): Promise<void>;
  /** All openids with a tag, page after page. */
  users(id: number): AsyncGenerator<string, void>;
  /** One page of them, after an openid. 获取标签下粉丝列表. POST /cgi-bin/user/tag/get */
  usersPage(id: number, after?: string): Promise<OpenidPage>;
  /** Tags 1 to 50 users. 批量为用户打标签. POST /cgi-bin/tags/members/batchtagging */
  tag(id: number, openids: readonly string[]): Promise<void>;
  /** Takes a tag off 1 to 50 users. 批量为用户取消标签. POST /cgi-bin/tags/members/batchuntagging */
  untag(id: number, openids: readonly string[]): Promise<void>;
  /** A user's tags. 获取用户的标签列表. POST /cgi-bin/tags/getidlist */
  of(openid: string): Promise<{ tagid_list: readonly number[] }>;
}

export function createTagsApi(api: Api): TagsApi {
  const usersPage = (id: number, after = ''): Promise<OpenidPage> =>
    post(api, '/cgi-bin/user/tag/get', { tagid: id, next_openid: after });
  const mark = async (verb: 'batchtagging' | 'batchuntagging', id: number, list: readonly string[]) => {
    checkCount(list, 'Users', 1, 50);
    await post(api, `/cgi-bin/tags/members/${verb}`, { openid_list: list, tagid: id });
  };
  return {
    create: (name) => post(api, '/cgi-bin/tags/create', { tag: { name } }),
    get: () => get(api, '/cgi-bin/tags/get'),
    async update(id, name) {
      await post(api, '/cgi-bin/tags/update', { tag: { id, name } });
    },
    async delete(id) {
      await post(api, '/cgi-bin/tags/delete', { tag: { id } });
    },
    users: (id) => openids((after) => usersPage(id, after)),
    usersPage,
    tag: (id, list) => mark('batchtagging', id, list),
    untag: (id, list) => mark('batchuntagging', id, list),
    of: (openid) => post(api, '/cgi-bin/tags/getidlist', { openid }),
  };
}
