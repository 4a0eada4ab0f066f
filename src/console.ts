// Where an operator finds what belongs to an account, and in brackets where it was until 2025.
// (Official page: 「开发接口管理」模块升级说明, /doc/subscription/guide/dev/migration.)
const ACCOUNT = '微信开发者平台 → 我的业务 → 公众号/服务号 → 基础信息';
const BEFORE = '（原：设置与开发 → 基本配置）';

/** The console's pages. Its address is https://developers.weixin.qq.com/platform */
export const CONSOLE = {
  /** AppID. */
  account: `${ACCOUNT}${BEFORE}`,
  /** AppSecret, IP list. */
  keys: `${ACCOUNT} → 开发密钥${BEFORE}`,
  /** URL, Token, EncodingAESKey, message mode. */
  push: `${ACCOUNT} → 域名与消息推送配置${BEFORE}`,
} as const;
