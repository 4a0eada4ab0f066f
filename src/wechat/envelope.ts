/**
 * A MsgType or Event that has no interface here. Really any string; but with `string` in the union, comparing with a known
 * name would narrow nothing. Those that are not listed (`device_text`) and all that WeChat added lately have an underscore.
 */
export type Other = `${string}_${string}` | 'hardware';

/** What every push carries. All leaves are strings: a MsgId is a 64-bit integer, more than a number can hold. */
export interface Envelope {
  /** The account, as its original id: `gh_…`. */
  ToUserName: string;
  /** The user, as an OpenID: 28 characters, other ones for each account. */
  FromUserName: string;
  /** Unix seconds, 1 to 12 digits; `createdAt` makes a Date of it. */
  CreateTime: string;
  /** In small letters, however WeChat wrote it, where the type is known. */
  MsgType: string;
}
