import type { Api } from './api.ts';
import { checkCount } from './checks.ts';
import { get, post } from './endpoint.ts';
import { type OpenidPage, openids } from './paging.ts';

export type Language = 'zh_CN' | 'zh_TW' | 'en';

/** What WeChat tells of a user. Of one who does not follow (`subscribe` 0) it tells nothing else; names and pictures of nobody, since 2021. */
export interface User {
  readonly subscribe: 0 | 1;
  readonly openid: string;
  readonly language?: string;
  /** Seconds since 1970. */
  readonly subscribe_time?: number;
  /** Where the account belongs to an open platform account. */
  readonly unionid?: string;
  readonly remark?: string;
  readonly groupid?: number;
  readonly tagid_list?: readonly number[];
  /** Such as ADD_SCENE_QR_CODE. */
  readonly subscribe_scene?: string;
  readonly qr_scene?: number;
  readonly qr_scene_str?: string;
}

/** Followers (用户管理). */
export interface UsersApi {
  /** 获取用户基本信息. GET /cgi-bin/user/info */
  get(openid: string, lang?: Language): Promise<User>;
  /** Of 1 to 100 users. 批量获取用户基本信息. POST /cgi-bin/user/info/batchget */
  batchGet(openids: readonly string[], lang?: Language): Promise<{ user_info_list: readonly User[] }>;
  /** All followers' openids, 10000 a call. `for await (const openid of wechat.users.list())` */
  list(): AsyncGenerator<string, void>;
  /** One page of them, after an openid. 获取关注用户列表. GET /cgi-bin/user/get */
  page(after?: string): Promise<OpenidPage>;
  /** A name for a user that only the account sees, under 30 characters. POST /cgi-bin/user/info/updateremark */
  remark(openid: string, remark: string): Promise<void>;
}

export function createUsersApi(api: Api): UsersApi {
  const page = (after = ''): Promise<OpenidPage> =>
    get(api, '/cgi-bin/user/get', after ? { next_openid: after } : undefined);
  return {
    get: (openid, lang = 'zh_CN') => get(api, '/cgi-bin/user/info', { openid, lang }),
    async batchGet(list, lang = 'zh_CN') {
      checkCount(list, 'Users', 1, 100);
      return post(api, '/cgi-bin/user/info/batchget', { user_list: list.map((openid) => ({ openid, lang })) });
    },
    list: () => openids(page),
    page,
    async remark(openid, remark) {
      await post(api, '/cgi-bin/user/info/updateremark', { openid, remark });
    },
  };
}
