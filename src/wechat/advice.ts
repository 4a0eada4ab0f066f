import { CONSOLE } from '../console.ts';
import { reactionTo } from './errcodes.ts';

/** What a person should do. */
export interface Advice {
  readonly en: string;
  readonly zh: string;
}

/** The IP list, and the administrator who is asked where an IP is not on it. (Official page: 获取接口调用凭据.) */
const IP_CODES = new Set([40164, 61004, 45035, 40090, 89501, 89502, 89503, 89504, 89505, 89506, 89507]);
const FROZEN = 40243;
const UNAUTHORIZED = 48001;

/** Since July 2025. (Official page: 发布能力.) */
const PUBLISHING_TAKEN: Advice = {
  en: 'personal and unverified accounts, and those that cannot be verified, may not call freepublish/* since July 2025: have the account verified (认证), or publish the draft by hand at mp.weixin.qq.com',
  zh: '2025 年 7 月起，个人主体、未认证以及不支持认证的账号不能再调用 freepublish/* 接口：请完成认证，或到 mp.weixin.qq.com 手动发表草稿',
};

/** Whether an API call's errcode concerns the account, and so every call, rather than what was asked. */
export const concernsAccount = (errcode: number): boolean => IP_CODES.has(errcode) || errcode === FROZEN;

/** What to do about an errcode that only a person can end. `errmsg` of 40164 and its like names the IP; `api` is a path. */
export function adviceOn(errcode: number, errmsg: string, api = ''): Advice | undefined {
  if (errcode === UNAUTHORIZED && api.startsWith('/cgi-bin/freepublish/')) return PUBLISHING_TAKEN;
  if (IP_CODES.has(errcode)) return adviceOnIp(errcode, ipIn(errmsg));
  if (errcode === 40125)
    return {
      en: `WECHAT_APP_SECRET is not the AppSecret of this AppID: copy it anew from ${CONSOLE.keys}`,
      zh: `WECHAT_APP_SECRET 不是该 AppID 的 AppSecret：请到 ${CONSOLE.keys} 重新复制`,
    };
  if (errcode === 40013)
    return {
      en: `WECHAT_APP_ID is no AppID of an Official Account: copy it anew from ${CONSOLE.account}`,
      zh: `WECHAT_APP_ID 不是公众号的 AppID：请到 ${CONSOLE.account} 重新复制`,
    };
  if (errcode === FROZEN)
    return {
      en: `the AppSecret is frozen: unfreeze it at ${CONSOLE.keys}`,
      zh: `AppSecret 已被冻结：请到 ${CONSOLE.keys} 解冻`,
    };
  const { reaction, meaning } = reactionTo(errcode);
  return reaction === 'config' || reaction === 'blocked' ? meaning : undefined;
}

const BY_IPV4: Advice = {
  en: '. This is an IPv6 address, and those change easily: to go out by IPv4, start every process with NODE_OPTIONS=--dns-result-order=ipv4first, and put the IPv4 address on the list',
  zh: '。这是 IPv6 地址，容易变化：如需改走 IPv4，请用 NODE_OPTIONS=--dns-result-order=ipv4first 启动各进程，并把 IPv4 地址加入白名单',
};

function adviceOnIp(errcode: number, ip: string | undefined): Advice {
  const list: Advice = {
    en: `put ${ip ?? 'the IP of this machine'} on the IP 白名单 at ${CONSOLE.keys}`,
    zh: `请把 ${ip ?? '本机的出口 IP'} 加入 IP 白名单：${CONSOLE.keys}`,
  };
  const byIpv4 = ip?.includes(':') && !/^::ffff:/i.test(ip) ? BY_IPV4 : { en: '', zh: '' };
  const whole = { en: `${list.en}${byIpv4.en}`, zh: `${list.zh}${byIpv4.zh}` };
  if (errcode < 89501 || errcode > 89507) return whole;
  const { meaning } = reactionTo(errcode);
  return { en: `${meaning.en}; or ${whole.en}`, zh: `${meaning.zh}；或${whole.zh}` };
}

/** As in `invalid ip 1.2.3.4 ipv6 ::ffff:1.2.3.4, not in whitelist`. */
function ipIn(errmsg: string): string | undefined {
  return /\bip:?\s+((?:\d{1,3}\.){3}\d{1,3}|[\da-f]*:[\da-f:.]+)/i.exec(errmsg)?.[1]?.replace(/[.,:]$/, '');
}
