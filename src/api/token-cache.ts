// What the processes of an account share about its access_token. `store/` implements it. Times are milliseconds since 1970.
import type { Advice } from '../wechat/advice.ts';

/** How often WeChat can be made to give another token; the pause in milliseconds. */
export const FORCES_A_DAY = 20;
export const BETWEEN_FORCES = 30_000;

export interface StoredToken {
  readonly token: string;
  /** 0 once it has been ended. */
  readonly expiresAt: number;
  /** From when one process should fetch the next one, while this one goes on serving. */
  readonly refreshAt: number;
  /** WeChat gave it out again after it had been refused: until then a refusal of it changes nothing. */
  readonly standsUntil?: number;
}

/** Why the account cannot use the API, until somebody changes something in the console. */
export interface Unusable {
  readonly api: string;
  readonly errcode: number;
  readonly errmsg: string;
  readonly since: number;
  readonly advice: Advice;
  /** When one process asks WeChat again. */
  readonly retryAt: number;
}

export interface SharedToken {
  readonly token: StoredToken | undefined;
  /** The token that WeChat refused last, if nobody has replaced it yet. */
  readonly refused: string | undefined;
  readonly unusable: Unusable | undefined;
  /** How often fetching has failed since it last worked. */
  readonly failures: number;
  /** When it may be tried again, after a failure. */
  readonly askAt?: number;
  /** So far, by WeChat's clock. */
  readonly fetchesToday?: number;
}

export interface TokenFailure {
  readonly at: number;
  readonly errcode?: number;
  readonly message: string;
}

export interface TokenCache {
  read(): Promise<SharedToken>;
  write(token: StoredToken): Promise<void>;
  /**
   * Ends `token` only if it is the one in use, and has not been given out again meanwhile: its `standsUntil` is the one given.
   * Says when it would have been refreshed, had it lived.
   */
  expire(token: string, why: 'refused' | 'unwanted', standsUntil?: number): Promise<{ refreshAt: number } | undefined>;
  /** The lock of whoever fetches; `undefined` where somebody else holds it. */
  lock(): Promise<(() => Promise<void>) | undefined>;
  /** A call of the token API begins; counted by the day. */
  countFetch(at: number): Promise<void>;
  /** A forced one is to begin: counted, unless the day has had its share or the last one is too recent. */
  countForce(at: number): Promise<boolean>;
  /** A fetch has worked, which ends the failures. */
  fetched(at: number): Promise<void>;
  failed(failure: TokenFailure, askAt: number): Promise<void>;
  /** A token died before its time; returns the last times at which that happened, this one among them. */
  died(at: number): Promise<number[]>;
  /** True where this begins, or changes its errcode. */
  beginUnusable(unusable: Unusable): Promise<boolean>;
  retryAt(at: number): Promise<void>;
  /** True where it was unusable until now. */
  endUnusable(): Promise<boolean>;
}
