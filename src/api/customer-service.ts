import type { Api } from './api.ts';
import { checkLength, checkWhole } from './checks.ts';
import { get, post, upload } from './endpoint.ts';
import { prepareForm, type UploadRule, type UploadSource } from './upload.ts';

/** A human agent's account (客服账号). */
export interface KfAccount {
  /** `prefix@id`: at most 30 characters, of which at most 10 before the @; `id` is the account's WeChat id. */
  readonly kf_account: string;
  /** At most 16 characters. */
  readonly nickname: string;
}

export interface ListedKf {
  readonly kf_account: string;
  readonly kf_nick: string;
  readonly kf_id: number | string;
  readonly kf_headimgurl: string;
  /** The WeChat id of the person who is bound to the account. */
  readonly kf_wx?: string;
  /** Of an invitation that is under way. */
  readonly invite_wx?: string;
  /** Seconds since 1970. */
  readonly invite_expire_time?: number;
  readonly invite_status?: 'waiting' | 'rejected' | 'expired';
}

export interface OnlineKf {
  readonly kf_account: string;
  readonly kf_id: number | string;
  /** 1: online in the browser. */
  readonly status: number;
  /** How many users the agent is talking to. */
  readonly accepted_case: number;
}

export interface KfWork {
  readonly entityName?: string;
  readonly corpid?: string;
  /** Seconds since 1970. */
  readonly bindTime?: number;
}

export interface ChatRecord {
  readonly openid: string;
  /** 2002: the agent sent it; 2003: the agent got it. */
  readonly opercode: number;
  /** Pictures, voices and videos are `[image]`, `[voice]`, `[video]`. */
  readonly text: string;
  /** Seconds since 1970. */
  readonly time: number;
  readonly worker: string;
}

/** Typing state, human agents and their sessions (客服). A message is sent by `wechat.sendCustomerServiceMessage`. */
export interface CustomerServiceApi {
  /**
   * Shows or hides “typing” (客服输入状态). Errors that mean nothing is wrong: 45080, the user did nothing in the last 30
   * seconds; 45081, it is shown already. POST /cgi-bin/message/custom/typing
   */
  typing(openid: string, on?: boolean): Promise<void>;
  /** 添加客服账号. POST /customservice/kfaccount/add */
  addAccount(account: KfAccount): Promise<void>;
  /** Changes the nickname. 修改客服账号. POST /customservice/kfaccount/update */
  updateAccount(account: KfAccount): Promise<void>;
  /** 删除客服账号. POST /customservice/kfaccount/del, as the current page has it; older ones had GET with a query. */
  deleteAccount(kfAccount: string): Promise<void>;
  /** A picture of at most 5 MB, best of 640 by 640: jpg, png. 设置客服头像. POST /customservice/kfaccount/uploadheadimg */
  uploadAvatar(kfAccount: string, source: UploadSource): Promise<void>;
  /** Asks a person to become the agent of an account. 邀请绑定客服账号. POST /customservice/kfaccount/inviteworker */
  inviteWorker(kfAccount: string, wechatId: string): Promise<void>;
  /**
   * Whether a mini-program is bound to WeChat customer service (微信客服) of a company; without the fields it is not. For
   * mini-programs alone. 查询绑定情况. GET /customservice/work/get
   */
  getWork(): Promise<KfWork>;
  /** 绑定微信客服. POST /customservice/work/bind */
  bindWork(corpid: string): Promise<void>;
  /** 解除绑定微信客服. POST /customservice/work/unbind */
  unbindWork(corpid: string): Promise<void>;
  /** 获取所有客服账号. GET /cgi-bin/customservice/getkflist */
  listAccounts(): Promise<{ kf_list: readonly ListedKf[] }>;
  /** 获取在线客服列表. GET /cgi-bin/customservice/getonlinekflist */
  listOnline(): Promise<{ kf_online_list: readonly OnlineKf[] }>;
  /** Gives a user to an agent who is bound and online. 创建会话. POST /customservice/kfsession/create */
  createSession(kfAccount: string, openid: string): Promise<void>;
  /** 关闭会话. POST /customservice/kfsession/close */
  closeSession(kfAccount: string, openid: string): Promise<void>;
  /** Who talks to a user; an empty `kf_account` is nobody. 获取客户会话状态. GET /customservice/kfsession/getsession */
  getSession(openid: string): Promise<{ kf_account: string; createtime: number }>;
  /** 获取客服会话列表. GET /customservice/kfsession/getsessionlist */
  listSessions(kfAccount: string): Promise<{ sessionlist: readonly { openid: string; createtime: number }[] }>;
  /** Users whom nobody has taken, at most 100 of `count`. 获取未接入会话列表. GET /customservice/kfsession/getwaitcase */
  listWaiting(): Promise<{ count: number; waitcaselist: readonly { openid: string; latest_time: number }[] }>;
  /**
   * What agents and users said. Times are seconds since 1970, at most 24 hours apart; `msgid` is 1, then that of the last
   * answer; `number` 1 to 10000. 获取聊天记录. POST /customservice/msgrecord/getmsglist
   */
  messageRecords(query: {
    starttime: number;
    endtime: number;
    msgid?: number;
    number?: number;
  }): Promise<{ recordlist: readonly ChatRecord[]; number: number; msgid: number }>;
}

const DAY = 86_400;
const AVATAR: UploadRule = { what: 'avatar', formats: ['jpg', 'png'], maxBytes: 5 * 1024 * 1024 };

export function createCustomerServiceApi(api: Api): CustomerServiceApi {
  return {
    async typing(openid, on = true) {
      const command = on ? 'Typing' : 'CancelTyping';
      await post(api, '/cgi-bin/message/custom/typing', { touser: openid, command });
    },
    async addAccount(account) {
      checkAccount(account.kf_account);
      checkLength(account.nickname, 'nickname', 16);
      await post(api, '/customservice/kfaccount/add', account);
    },
    async updateAccount(account) {
      checkAccount(account.kf_account);
      checkLength(account.nickname, 'nickname', 16);
      await post(api, '/customservice/kfaccount/update', account);
    },
    async deleteAccount(kfAccount) {
      await post(api, '/customservice/kfaccount/del', { kf_account: kfAccount });
    },
    async inviteWorker(kfAccount, wechatId) {
      await post(api, '/customservice/kfaccount/inviteworker', { kf_account: kfAccount, invite_wx: wechatId });
    },
    async uploadAvatar(kfAccount, source) {
      const form = await prepareForm(source, AVATAR);
      await upload(api, '/customservice/kfaccount/uploadheadimg', form, { kf_account: kfAccount });
    },
    getWork: () => get(api, '/customservice/work/get'),
    async bindWork(corpid) {
      await post(api, '/customservice/work/bind', { corpid });
    },
    async unbindWork(corpid) {
      await post(api, '/customservice/work/unbind', { corpid });
    },
    listAccounts: () => get(api, '/cgi-bin/customservice/getkflist'),
    listOnline: () => get(api, '/cgi-bin/customservice/getonlinekflist'),
    async createSession(kfAccount, openid) {
      await post(api, '/customservice/kfsession/create', { kf_account: kfAccount, openid });
    },
    async closeSession(kfAccount, openid) {
      await post(api, '/customservice/kfsession/close', { kf_account: kfAccount, openid });
    },
    getSession: (openid) => get(api, '/customservice/kfsession/getsession', { openid }),
    listSessions: (kfAccount) => get(api, '/customservice/kfsession/getsessionlist', { kf_account: kfAccount }),
    listWaiting: () => get(api, '/customservice/kfsession/getwaitcase'),
    async messageRecords({ starttime, endtime, msgid = 1, number = 10_000 }) {
      checkWhole(number, 'number', 1, 10_000);
      checkWhole(endtime - starttime, 'endtime minus starttime, in seconds,', 0, DAY);
      return post(api, '/customservice/msgrecord/getmsglist', { starttime, endtime, msgid, number });
    },
  };
}

function checkAccount(kfAccount: string): void {
  const [prefix = '', id, ...more] = kfAccount.split('@');
  if (prefix && prefix.length <= 10 && id && more.length === 0 && kfAccount.length <= 30) return;
  throw new TypeError(
    `kf_account is prefix@id, at most 10 characters before the @ and 30 in all, id being the WeChat id of the account; not ${JSON.stringify(kfAccount)}.`,
  );
}
