// How long and how often an account may send to a user, as the official guide counts since 2023-06-12 (客服消息 - 发送消息).
import type { Push } from './push.ts';

/** What a push allows: so many customer-service messages within so many milliseconds. */
export interface Opening {
  readonly sends: number;
  readonly ms: number;
}

const MESSAGE: Opening = { sends: 5, ms: 48 * 3_600_000 };
const ACT: Opening = { sends: 3, ms: 60_000 };
const ACTS = new Set(['click', 'subscribe', 'scan', 'scancode_push', 'scancode_waitmsg']);

/** The window that a push opens, if any. Counts do not add up: the larger one and the later end win. */
export function openingOf(push: Push): Opening | undefined {
  if (push.MsgType === 'event') return ACTS.has(String(push.Event).toLowerCase()) ? ACT : undefined;
  // A tap on an item of a menu message comes as a text, and counts as a menu click.
  return 'bizmsgmenuid' in push && push.bizmsgmenuid ? ACT : MESSAGE;
}
