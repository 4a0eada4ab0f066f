import type { Advice } from '../wechat/advice.ts';
import type { ErrcodeRow, Reaction } from '../wechat/errcodes.ts';
import { ApiError, NetworkError } from './errors.ts';
import { tokenPath } from './token-request.ts';

type Tuple = readonly [errcode: number, status: number, reaction: Reaction, en: string, zh: string];

const table = <T extends Record<string, Tuple>>(rows: T) => rows;

/**
 * What the gateway itself answers with, in WeChat's form: a number that WeChat does not use, the HTTP status, and what a
 * client should do. What WeChat answered is passed on as it is.
 */
// biome-ignore format: a table, one row a line
export const GATEWAY_ERRORS = table({
  badRequest: [990400, 400, 'drop', 'the gateway refused the form of the request', '网关拒绝：请求格式错误'],
  ownToken: [990402, 400, 'drop', 'the request carries an access_token of its own', '网关拒绝：请求自带了 access_token'],
  noKey: [990401, 401, 'config', 'the gateway does not know this key', '网关不认识这个密钥'],
  notAllowed: [990403, 403, 'config', 'the gateway does not allow this key to call this', '网关未允许该密钥调用此接口'],
  neverProxied: [990405, 403, 'config', 'the gateway never passes this endpoint on', '网关从不转发此接口'],
  notFound: [990404, 404, 'config', 'the gateway has nothing at this path', '网关没有这个路径'],
  tooLarge: [990413, 413, 'drop', 'the body is too large for the gateway', '请求体超过网关上限'],
  guessing: [990428, 429, 'config', 'too many wrong keys came from this address', '该地址输错密钥次数过多'],
  tooOften: [990429, 429, 'slow', 'the limit that the gateway sets this key is reached', '超过网关为该密钥设定的频率'],
  failed: [990500, 500, 'retry', 'the gateway failed', '网关内部错误'],
  noAnswer: [990502, 502, 'retry', 'WeChat did not answer the gateway', '微信没有应答网关'],
  noToken: [990503, 503, 'config', 'the gateway is refused an access_token', '网关获取 access_token 被拒绝'],
  noTokenYet: [990504, 503, 'retry', 'the gateway waits for an access_token', '网关暂时取不到 access_token'],
});

export type GatewayErrorName = keyof typeof GATEWAY_ERRORS;

const OF_ONE_API: readonly number[] = (['notAllowed', 'neverProxied', 'notFound'] as const).map(
  (name) => GATEWAY_ERRORS[name][0],
);

/** Whether the gateway passes this API not on, for this key or at all: what it says of no other. */
export const isRefusedByGateway = (errcode: number): boolean => OF_ONE_API.includes(errcode);

/** The body of such an answer. */
export interface GatewayErrorBody {
  readonly errcode: number;
  readonly errmsg: string;
  /** Whether bytes of the call had been written to WeChat: if not, it was certainly not carried out. */
  readonly written: boolean;
  /** Seconds. */
  readonly retry_after?: number;
  readonly advice?: Advice;
}

const BY_ERRCODE = new Map<number, Tuple>(Object.values(GATEWAY_ERRORS).map((row) => [row[0], row]));

/** What an answer of a gateway means to its client; `undefined` for one that is not the gateway's own. */
export function readGatewayError(api: string, text: string): ApiError | NetworkError | undefined {
  const body = parse(text);
  const found = BY_ERRCODE.get(Number(body?.errcode));
  if (!body || !found) return undefined;
  const [errcode, , reaction, en, zh] = found;
  const errmsg = String(body.errmsg ?? '');
  // The same as if WeChat had not answered us: only whether it may have been carried out counts.
  if (reaction === 'retry') {
    const unanswered = errcode === GATEWAY_ERRORS.noTokenYet[0] ? tokenPath('stable') : api;
    return new NetworkError(unanswered, body.written !== false, errmsg);
  }
  const row: ErrcodeRow = {
    errcode,
    meaning: { en, zh },
    reaction,
    who: reaction === 'drop' ? 'developer' : 'operator',
  };
  const seconds = Number(body.retry_after);
  return new ApiError(api, errcode, errmsg, {
    row,
    retryAt: seconds > 0 ? Date.now() + seconds * 1000 : undefined,
    ...(body.advice ? { advice: body.advice } : {}),
  });
}

function parse(text: string): Partial<GatewayErrorBody> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
