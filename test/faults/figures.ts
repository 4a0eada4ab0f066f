// The invariant checker: from what WeChat pushed and what reached the users, what became of it all.
import type { Receipt } from './api.ts';
import type { Saying } from './load.ts';

export interface Figures {
  readonly accepted: number;
  /** Not acked in three attempts: WeChat tells its user, and we have promised nothing. */
  readonly refused: number;
  /** Acked and never answered. */
  readonly lost: number;
  /** Answers that came behind the answer to a later push of their user. */
  readonly outOfOrder: number;
  /** Answers beyond the first to a push. */
  readonly repeated: number;
  /** Attempts that ran into WeChat's five seconds before their push was accepted. */
  readonly timedOut: number;
  /** Milliseconds. */
  readonly slowestAck: number;
  /** Seconds from the end of the fault until all that had been acked by then was answered. */
  readonly recovery: number;
}

interface Evidence {
  readonly sayings: readonly Saying[];
  readonly receipts: readonly Receipt[];
  /** When the fault ended, in milliseconds since 1970. */
  readonly endedAt: number;
  /** Acked pushes that are listed for somebody to decide: given up on, or in doubt. `<openid> <n>` */
  readonly listed?: ReadonlySet<string>;
}

const idOf = ({ openid, n }: { openid: string; n: number }) => `${openid} ${n}`;
/** An answer names the push that it answers: `done n12`. */
const numberOf = ({ text }: Receipt) => Number(/\bn(\d+)/.exec(text)?.[1]);

export function figuresOf({ sayings, receipts, endedAt, listed = new Set() }: Evidence): Figures {
  const answeredAt = new Map<string, number>();
  const latest = new Map<string, number>();
  let outOfOrder = 0;
  let repeated = 0;
  const promised = new Set(sayings.filter(({ ackedAt }) => ackedAt !== undefined).map(idOf));
  for (const receipt of receipts) {
    const { openid, at } = receipt;
    const n = numberOf(receipt);
    const id = idOf({ openid, n });
    if (answeredAt.has(id)) repeated++;
    else answeredAt.set(id, at);
    // A refused push may have been kept by an attempt whose answer was cut off: its place is anywhere.
    if (!promised.has(id)) continue;
    if (n < (latest.get(openid) ?? 0)) outOfOrder++;
    latest.set(openid, Math.max(n, latest.get(openid) ?? 0));
  }
  const accepted = sayings.filter(({ ackedAt }) => ackedAt !== undefined);
  const attempts = accepted.flatMap((saying) => saying.attempts);
  const due = accepted.filter(({ ackedAt = 0 }) => ackedAt <= endedAt);
  const last = Math.max(endedAt, ...due.map((saying) => answeredAt.get(idOf(saying)) ?? 0));
  return {
    accepted: accepted.length,
    refused: sayings.length - accepted.length,
    lost: accepted.filter((saying) => !answeredAt.has(idOf(saying)) && !listed.has(idOf(saying))).length,
    outOfOrder,
    repeated,
    timedOut: attempts.filter(({ timedOut }) => timedOut).length,
    slowestAck: Math.round(Math.max(0, ...attempts.filter(({ status }) => status === 200).map(({ ms }) => ms))),
    recovery: Math.round((last - endedAt) / 100) / 10,
  };
}
