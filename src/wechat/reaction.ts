/** What follows from an errcode. Decided once, here; whoever calls the API only carries it out. */
export type Reaction =
  /** Done, or done before. */
  | 'ok'
  /** Try the same call again later, with backoff. */
  | 'retry'
  /** Replace the access_token, then try once more. */
  | 'token'
  /** Too many calls in this minute: pause this API for the account until the next one. */
  | 'slow'
  /** The quota of the day (or month) is used up: pause this API until it is renewed, and alert. */
  | 'daily'
  /** This user may not be sent to now: keep the message until they write again. */
  | 'park'
  /** Give this call up: it would fail again, and nothing else is concerned. */
  | 'drop'
  /** The media is gone: upload it again, then try once more. */
  | 'media'
  /** AppID, secret, IP list or console must be put right: alert, and be passive-only until it works. */
  | 'config'
  /** The account has no such permission: passive replies alone, asked again from time to time. */
  | 'passive-only'
  /** WeChat has blocked the account or the API: stop calling it, and alert. */
  | 'blocked';

export interface ErrcodeRow {
  readonly errcode: number;
  readonly meaning: { readonly en: string; readonly zh: string };
  readonly reaction: Reaction;
  /** Who must act; `nobody` where wxrelay or time mends it. */
  readonly who: 'nobody' | 'developer' | 'operator' | 'wechat';
}

export type ErrcodeTuple = readonly [
  errcode: number,
  reaction: Reaction,
  who: ErrcodeRow['who'],
  en: string,
  zh: string,
];
