// The GET that WeChat's console sends when the server URL is submitted (服务器配置 → 提交).
import { randomInt } from 'node:crypto';
import { request } from 'undici';
import { sign } from './crypto.ts';
import { withQuery } from './request.ts';

export interface Verification {
  ok: boolean;
  reachable: boolean;
  reason?: string;
  reasonZh?: string;
}

/** Asks the receiver for its echostr; it has to come back as it is, with a 200. */
export async function verifyReceiver(receiverUrl: string, token: string, timeoutMs = 5000): Promise<Verification> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = String(randomInt(100_000_000, 2_000_000_000));
  const echostr = `${randomInt(1_000_000_000, 10_000_000_000)}${randomInt(100_000_000, 1_000_000_000)}`;
  const url = withQuery(receiverUrl, [
    ['signature', sign(token, timestamp, nonce)],
    ['echostr', echostr],
    ['timestamp', timestamp],
    ['nonce', nonce],
  ]);
  try {
    const response = await request(url, {
      headers: { 'user-agent': 'Mozilla/4.0', accept: '*/*' },
      reset: true,
      signal: AbortSignal.timeout(timeoutMs),
    });
    const body = await response.body.text();
    if (response.statusCode === 200 && body === echostr) return { ok: true, reachable: true };
    return {
      ok: false,
      reachable: true,
      reason: `the receiver answered HTTP ${response.statusCode} and not the echostr: does its WECHAT_TOKEN differ?`,
      reasonZh: `接收端返回了 HTTP ${response.statusCode}，不是 echostr：WECHAT_TOKEN 是否一致？`,
    };
  } catch (error) {
    return {
      ok: false,
      reachable: false,
      reason: `the receiver at ${receiverUrl} cannot be reached: ${(error as Error).message}`,
      reasonZh: `连不上接收端 ${receiverUrl}`,
    };
  }
}
