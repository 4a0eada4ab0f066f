import type { Answers } from '../store/answers.ts';
import { encodePushEntry, type PushEntry } from '../store/entries.ts';
import type { Forgetting } from '../store/forgetting.ts';
import type { Incoming, Ingest, PassiveReply, Rules } from '../store/ingest.ts';
import { laneId, type Names, type PushKey, pushKey } from '../store/keys.ts';
import type { Nudges } from '../store/nudges.ts';
import type { Pages } from '../store/pages.ts';
import type { Opening } from '../wechat/window.ts';

/** All that a push needs to become durable, as plain data: while Redis is away, its names in there may not be known. */
export interface Draft {
  /** Its identity within its user. */
  readonly id: string;
  /** The queue in which its work waits, or '' where there is none. */
  readonly queue: string;
  readonly entry: PushEntry;
  readonly reply: PassiveReply;
  readonly opens?: Opening | undefined;
  readonly rules?: Rules;
  /** What the trace says of it. */
  readonly facts: string;
  /** Milliseconds since 1970. */
  readonly arrived: number;
}

/** Where pushes are kept; there is none before Redis has answered for the first time. */
export interface Store {
  readonly ingest: Ingest;
  readonly names: Names;
  readonly answers: Answers;
  /** Where PUBLIC_URL is set. */
  readonly pages: Pages | undefined;
  /** Tells when an answer may be there. */
  readonly nudges: Nudges | undefined;
  /** Has a worker look at a lane. Nobody waits for it. */
  wake(key: PushKey, lane: string): void;
  /** Gives up on a push from a disk whose lane is full; returns whether it waits in `dead` now. */
  bury(push: Incoming, handler: string): Promise<boolean>;
  /** Notes that a user is to be forgotten, or no longer is. */
  forget(whom: Forgetting): Promise<void>;
}

type Named = Pick<Draft, 'id'> & { readonly entry: Pick<PushEntry, 'account'> & { push: { FromUserName: string } } };

export const keyOf = (names: Names, { id, entry }: Named): PushKey =>
  pushKey(names.userId(entry.account, entry.push.FromUserName), id);

export function incoming(names: Names, { id, queue, entry, reply, opens, facts, rules }: Draft): Incoming {
  const user = names.userId(entry.account, entry.push.FromUserName);
  const work = queue !== '';
  return {
    key: pushKey(user, id),
    lane: work ? laneId(queue, user) : '',
    entry: work ? encodePushEntry(entry) : '',
    reply,
    opens,
    facts,
    ...(rules ? { rules } : {}),
  };
}
