import { hash } from 'node:crypto';
import type { Push } from './push.ts';

const MSG_ID = /^\d{1,20}$/;
const HASH_LENGTH = 12;

/**
 * The identity of a push within one user: the same for each of WeChat's repeats, another for any other push. Of characters
 * that URLs and BullMQ's job ids can hold. MsgIds repeat across users, so a key needs the account and the OpenID too; and
 * they come again in time, so a message has its CreateTime behind them.
 *
 * The guide's rule for events, FromUserName + CreateTime, would eat one of two pushes in a second (LOCATION comes every five
 * seconds beside whatever else happens), so that everything the event says counts. Repeats have the same body.
 */
export function pushId(push: Push): string {
  if (push.MsgType !== 'event' && push.MsgId !== undefined && MSG_ID.test(push.MsgId))
    return `${push.MsgId}.${push.CreateTime}`;
  const { ToUserName, FromUserName, ...said } = push;
  return hash('sha256', JSON.stringify(said, sorted), 'base64url').slice(0, HASH_LENGTH);
}

/** The id that the same message had before its CreateTime was part of it: the MsgId alone. */
export const earlierId = (id: string): string => id.replace(/\.\d+$/, '');

/** The order of elements is not guaranteed, so it must not matter. */
function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
