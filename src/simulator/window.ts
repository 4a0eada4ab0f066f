// How long and how often an account may send to a follower (the rule since 2023-06-12).
// https://developers.weixin.qq.com/doc/subscription/api/customer/message/api_sendcustommessage.html
import type { PushFacts } from './push-xml.ts';

export interface Window {
  /** How many customer-service messages may still be sent. */
  left: number;
  /** When it shuts, in milliseconds. */
  until: number;
}

export interface Opening {
  count: number;
  ms: number;
}

const MESSAGE: Opening = { count: 5, ms: 48 * 3_600_000 };
const ACT: Opening = { count: 3, ms: 60_000 };
const OPENING_EVENTS = ['click', 'subscribe', 'scan', 'scancode_push', 'scancode_waitmsg'];

/** What this push opens, if anything. */
export function openingOf(push: PushFacts): Opening | undefined {
  if (push.type === 'event') return OPENING_EVENTS.includes((push.event ?? '').toLowerCase()) ? ACT : undefined;
  // A tap on an item of a msgmenu comes as a text, but counts as a menu click.
  return push.menuItem === undefined ? MESSAGE : ACT;
}

/** Counts do not add up: the larger count and the later end win. */
export function widened(window: Window | undefined, opening: Opening, now: number): Window {
  const open = window !== undefined && now < window.until ? window : { left: 0, until: 0 };
  return { left: Math.max(opening.count, open.left), until: Math.max(now + opening.ms, open.until) };
}

/** 0, or why nothing may be sent now. */
export function refusal(window: Window | undefined, now: number): 0 | 45015 | 45047 {
  if (window === undefined || now >= window.until) return 45015;
  return window.left > 0 ? 0 : 45047;
}
