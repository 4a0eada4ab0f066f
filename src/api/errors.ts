import { redact } from '../redact.ts';
import { type Advice, adviceOn } from '../wechat/advice.ts';
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

interface Known {
  /** Of an errcode that is not WeChat's. */
  readonly row?: ErrcodeRow;
  readonly advice?: Advice;
  readonly retryAt?: number | undefined;
  readonly answer?: Readonly<Record<string, unknown>>;
}

/** The API said no, or has said so and is not asked again yet. `row` says what its errcode means and what follows from it. */
export class ApiError extends Error {
  override name = 'ApiError' as const;
  readonly api: string;
  readonly errcode: number;
  readonly errmsg: string;
  /** WeChat's id of the request, which its support asks for; it can be looked up for 7 days. */
  readonly rid: string | undefined;
  readonly row: ErrcodeRow;
  /** What a person should do, where only a person can. */
  readonly advice: Advice | undefined;
  /** Before this moment (milliseconds since 1970) a repeat is answered without asking WeChat. */
  readonly retryAt: number | undefined;
  /** All that WeChat answered; an error may carry more than its errcode (the old msg_id of 45065). Empty where it was not asked. */
  readonly answer: Readonly<Record<string, unknown>>;

  /** @param said WeChat's errmsg; a server that is not WeChat may repeat the request in it, AppSecret and token included */
  constructor(api: string, errcode: number, said: string, known: Known = {}) {
    const errmsg = redact(said);
    const row = known.row ?? reactionTo(errcode);
    const advice = known.advice ?? adviceOn(errcode, errmsg, api);
    const toDo = advice && !errmsg.includes(advice.en) ? `. What to do: ${advice.en}.` : '';
    super(`${api} answered ${errcode} (${row.meaning.en}): ${errmsg}${toDo}`);
    this.api = api;
    this.errcode = errcode;
    this.errmsg = errmsg;
    this.rid = /\brid: ([\w-]+)/.exec(errmsg)?.[1];
    this.row = row;
    this.advice = advice;
    this.retryAt = known.retryAt;
    this.answer = known.answer ?? {};
  }
}
