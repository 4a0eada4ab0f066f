import type { StandaloneWeChat } from '../../../../src/index.ts';

/** One call of one method: what must go out, what comes back, and what the caller gets. */
export interface Row {
  /** Such as `menu.create`. */
  readonly method: string;
  readonly call: (wechat: StandaloneWeChat) => Promise<unknown>;
  /** As on the official page: method and path, and the query without the access_token. */
  readonly request: string;
  readonly body?: unknown;
  /** What is uploaded, instead of a body. */
  readonly upload?: {
    /** `media` where it is not given. */
    readonly field?: string;
    readonly name: string;
    readonly type: string;
    readonly bytes: Buffer;
    readonly fields?: Readonly<Record<string, string>>;
  };
  /** JSON, or the bytes of a file. */
  readonly answer: object;
  readonly result: unknown;
  /** Goes out without an access_token. */
  readonly tokenless?: true;
  /** A GET that changes something. */
  readonly changes?: true;
}

export const APP_ID = 'wx0123456789abcdef';
export const SECRET = 'test-app-secret-0123456789';

export const OK = { errcode: 0, errmsg: 'ok' };
export const OPENID = 'oTest0penid_AAAAAAAAAAAAAAA1';
export const FRIEND = 'oTest0penid_AAAAAAAAAAAAAAA2';
export const KF = 'test1@gh_0f1e2d3c';

/** A call that is answered with nothing but success. */
export const done = (method: string, call: Row['call'], request: string, body?: unknown): Row => ({
  method,
  call,
  request,
  ...(body === undefined ? {} : { body }),
  answer: OK,
  result: undefined,
});
/** A GET whose answer is handed on as it is; many have no errcode at all. */
export const reads = (method: string, call: Row['call'], request: string, answer: object): Row => ({
  method,
  call,
  request,
  answer,
  result: answer,
});
/** A POST whose answer is handed on without its errcode. */
export const asks = (
  method: string,
  call: Row['call'],
  request: string,
  body: unknown,
  fields: object,
  result = fields,
): Row => ({
  method,
  call,
  request,
  body,
  answer: { ...OK, ...fields },
  result,
});
