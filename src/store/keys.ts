import { createHmac } from 'node:crypto';

/** A user's name in keys, job data and dedup ids: it cannot be turned back into the openid. 16 characters. */
export type UserId = string;

/** A push's name everywhere: `<user>-<id>`. A legal BullMQ job id. */
export type PushKey = string;

/** Names of everything an installation keeps in Redis. */
export interface Names {
  readonly partitions: number;
  userId(account: string, openid: string): UserId;
  /** The tag of a user's partition: every key of that user is in its hash slot, and it is BullMQ's prefix there. */
  tagOf(userOrKey: string): string;
  tags(): string[];
  /** A key of this installation for one purpose: nobody can make it from what is in names or links. */
  secretFor(purpose: string): Buffer;
}

export const metaKey = (prefix: string) => `{${prefix}:meta}`;
/**
 * The tag of what belongs to an account: token, its lock, its mode. Known without the installation's salt, for a receiver
 * needs it before Redis has answered.
 */
export const accountTag = (prefix: string, account: string) => `{${prefix}:${account}}`;
export const countersKey = (prefix: string) => `{${prefix}:meta}:counters`;

export function createNames(prefix: string, partitions: number, salt: string): Names {
  const tag = (partition: number) => `{${prefix}:${partition}}`;
  return {
    partitions,
    userId: (account, openid) =>
      createHmac('sha256', salt).update(`${account}\n${openid}`).digest('base64url').slice(0, 16).replaceAll('-', '.'),
    tagOf: (userOrKey) => tag(partitions === 1 ? 0 : Buffer.from(userOrKey.slice(0, 8)).readUInt32BE(2) % partitions),
    secretFor: (purpose) => createHmac('sha256', salt).update(`secret for ${purpose}`).digest(),
    tags: () => Array.from({ length: partitions }, (_, partition) => tag(partition)),
  };
}

export const pushKey = (user: UserId, id: string): PushKey => `${user}-${id}`;
export const userOfKey = (key: PushKey): UserId => key.slice(0, 16);

/** A lane is one user's line in one queue. */
export const laneId = (queue: string, user: UserId) => `${queue}:${user}`;
export const queueOfLane = (lane: string) => lane.slice(0, lane.lastIndexOf(':'));
export const userOfLane = (lane: string): UserId => lane.slice(lane.lastIndexOf(':') + 1);
