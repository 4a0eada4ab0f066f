import { createHash } from 'node:crypto';

export interface JsSdkInput {
  readonly ticket: string;
  readonly nonceStr: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  /** The page's whole URL as the browser has it; what follows a # does not count. */
  readonly url: string;
}

/** The signature of `wx.config`, lower-case hex. (Official guide: JS-SDK, 附录1 JS-SDK使用权限签名算法; nothing is URL-escaped.) */
export function jsSdkSignature({ ticket, nonceStr, timestamp, url }: JsSdkInput): string {
  const page = url.replace(/#.*$/s, '');
  const text = `jsapi_ticket=${ticket}&noncestr=${nonceStr}&timestamp=${timestamp}&url=${page}`;
  return createHash('sha1').update(text).digest('hex');
}
