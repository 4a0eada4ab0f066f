import type { UnrenderedSection } from '../delivery/markdown-html.ts';
import type { Picture } from '../delivery/pictures.ts';
import type { Message } from '../wechat/message.ts';
import type { Push } from '../wechat/push.ts';

/** A push in its lane: all that a worker needs. Only these values carry the openid and the user's words. */
export interface PushEntry {
  /** One run may take it together with what waits behind it for the same handler. The scripts read it. */
  readonly merge?: true;
  /** A passive reply goes out first: what is sent for this push waits for it. */
  readonly gated: boolean;
  readonly account: string;
  readonly handler: string;
  readonly match?: unknown;
  readonly push: Push;
}

/** What is uploaded when a part is sent: fetched from an address, or kept in Redis until then. */
export type Upload =
  | { readonly url: string }
  | { readonly blob: string; readonly filename: string; readonly contentType: string; readonly hash: string };

/** One part of an answer in its lane. */
export interface AnswerEntry {
  /** Milliseconds until which it waits for the passive reply. The scripts read it. */
  readonly gate?: number;
  readonly account: string;
  readonly handler: string;
  readonly openid: string;
  /** Parts of the whole answer; 0 where nobody knows yet, for its generator goes on. */
  readonly of: number;
  /** Made by a model. */
  readonly ai?: true;
  /** It goes as it is: what the user's window takes was looked at. */
  readonly fitted?: true;
  /** Its turn is when the user writes again. */
  readonly later?: true;
  /** It has waited for its user to write, and its answer says so. */
  readonly earlier?: true;
  /** Said where more waits, where that is made for a push. */
  readonly more?: string;
  /** Said where a user cannot be handed to a human agent. */
  readonly sorry?: string;
  /** What its message lacks the ids of. */
  readonly media?: Upload;
  readonly thumb?: Upload;
  /** Said instead of a picture that Markdown wrote, where it cannot be had or shown. */
  readonly link?: string;
  /** The pictures that its text links to. */
  readonly pictures?: readonly Picture[];
  /** What a page shows of its text, where that was made from Markdown. */
  readonly html?: string;
  /** The Markdown, where nobody has made it HTML yet: who queues a send leaves that to a worker. */
  readonly markdown?: string;
  /** What went ahead of its answer, for a page. */
  readonly before?: readonly UnrenderedSection[];
  readonly message: Message;
}

/** Scripts look for `merge` and `gate` at the very beginning. */
export const encodePushEntry = ({ merge, ...entry }: PushEntry) => JSON.stringify(merge ? { merge, ...entry } : entry);
export const encodeAnswerEntry = ({ gate, ...entry }: AnswerEntry) =>
  JSON.stringify(gate === undefined ? entry : { gate, ...entry });
export const readPushEntry = (json: string) => JSON.parse(json) as PushEntry;
export const readAnswerEntry = (json: string) => JSON.parse(json) as AnswerEntry;
export const partId = (key: string, part: string) => `${key}~${part}`;
export const keyOfId = (id: string) => id.split('~')[0] ?? id;
export const partOfId = (id: string) => id.split('~')[1];
