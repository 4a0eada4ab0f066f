import { type ErrcodeRow, reactionTo } from '../wechat/errcodes.ts';

/** No answer from the API. `inDoubt`: bytes had been written, so it may have been carried out all the same. */
export class NetworkError extends Error {
  override name = 'NetworkError' as const;
  readonly api: string;
  readonly inDoubt: boolean;

  constructor(api: string, inDoubt: boolean, why: string, options?: ErrorOptions) {
    super(`${api} did not answer: ${why}`, options);
    this.api = api;
    this.inDoubt = inDoubt;
  }
}

/** The API said no. `row` says what its errcode means and what follows from it. */
export class ApiError extends Error {
  override name = 'ApiError' as const;
  readonly api: string;
  readonly errcode: number;
  readonly errmsg: string;
  /** WeChat's id of the request, which its support asks for; it can be looked up for 7 days. */
  readonly rid: string | undefined;
  readonly row: ErrcodeRow;
  /** Milliseconds after which a repeat makes sense, where whoever refused it said so: a gateway does. */
  readonly retryAfter: number | undefined;

  constructor(api: string, errcode: number, errmsg: string, row = reactionTo(errcode), retryAfter?: number) {
    super(`${api} answered ${errcode} (${row.meaning.en}): ${errmsg}`);
    this.api = api;
    this.errcode = errcode;
    this.errmsg = errmsg;
    this.rid = /\brid: ([\w-]+)/.exec(errmsg)?.[1];
    this.row = row;
    this.retryAfter = retryAfter;
  }
}
