import type { AnyHandler } from '../handlers/definition.ts';
import type { Push } from '../wechat/push.ts';
import type { Draft } from './draft.ts';
import type { QuickReply } from './quick.ts';

/** What a push is answered with. */
export interface Accepted {
  /** The passive reply, or '' for `success`; `undefined` where WeChat is left to hang up and to try again. */
  readonly reply: string | undefined;
  readonly key?: string;
  /** It was held open for its answer. */
  readonly held?: boolean;
  /** To be called when the answer has left. */
  written?(): void;
  /** To be called when the connection was closed before that. */
  unsent?(): void;
}

/** Calls back when a push's connection is closed, and returns how to stop listening. */
export type OnClose = (listener: () => void) => () => void;

/** One push on its way through the receiver. */
export interface Case {
  readonly push: Push;
  readonly handler: AnyHandler;
  readonly draft: Draft;
  readonly arrived: number;
  readonly deadline: number;
  readonly onClose: OnClose;
  /** The reply, made at most once. */
  makeReply(key: string): Promise<QuickReply>;
}
