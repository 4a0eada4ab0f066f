import { ERRCODES } from './errcode-table.ts';
import type { ErrcodeRow } from './reaction.ts';

export type { ErrcodeRow, Reaction } from './reaction.ts';

const ROWS = new Map<number, ErrcodeRow>(
  ERRCODES.map(([errcode, reaction, who, en, zh]) => [errcode, { errcode, meaning: { en, zh }, reaction, who }]),
);

const UNKNOWN = { en: 'unknown', zh: '未知错误码' };

/** Whether this is the row of an errcode that has none. */
export const isUnknown = ({ meaning }: ErrcodeRow): boolean => meaning === UNKNOWN;

/** The row of an errcode. Go by the number, never by errmsg, whose wording changes. Unknown ones are given up on. */
export function reactionTo(errcode: number): ErrcodeRow {
  return ROWS.get(errcode) ?? { errcode, meaning: UNKNOWN, reaction: 'drop', who: 'developer' };
}
