// All that the simulator knows, in memory: one object that the API side, the control API and the page share.
import { createHash } from 'node:crypto';
import { EventEmitter, setMaxListeners } from 'node:events';
import type { Answer } from './answer.ts';
import type { Json } from './custom-message.ts';
import { Faults } from './faults.ts';
import { type Follower, Followers } from './followers.ts';
import { History } from './history.ts';
import type { Attempt } from './push.ts';
import { newOpenid, type PushFacts } from './push-xml.ts';
import type { Account } from './request.ts';
import { createTokens, type Tokens } from './tokens.ts';

export type Log = (event: string, facts: object) => void;

export interface SimulatorOptions extends Account {
  /** Where to listen; 127.0.0.1 unless others are to reach it. */
  host: string;
  /** 0 takes a free port. */
  port: number;
  /** Where pushes go, such as http://127.0.0.1:8080/wechat. */
  receiverUrl: string;
  appSecret: string;
  /** The account's name on the chat page. */
  name?: string;
  /** Of one attempt of a push, how many there are, and the pause before a repeat; WeChat's 5000, 3 and about 300 by default. */
  timeoutMs?: number;
  attempts?: number;
  pauseMs?: number;
  /** Whether sends are counted, five for each message of a follower. Default true; off for tests of many answers. */
  counted?: boolean;
  /** Whether the account may send customer-service messages. Default true. */
  verified?: boolean;
  /** The human agents who are online, such as `kf2001@gh_…`; one by default. */
  agents?: string[];
  log?: Log;
}

export interface PushRecord {
  id: number;
  at: number;
  openid: string;
  facts: PushFacts;
  xml: string;
  attempts: readonly Attempt[];
  /** Missing while the push is on its way. */
  answer?: Answer;
  ms?: number;
}

/** A customer-service message as it came, taken (errcode 0) or refused. */
export interface MessageRecord {
  id: number;
  at: number;
  openid: string;
  body: Json;
  errcode: number;
  errmsg: string;
  notes: string[];
}

export interface CallCount {
  total: number;
  /** How often each errcode was answered, and `http 502`, `cut`. */
  answers: Record<string, number>;
}

/** What was uploaded. */
export interface Media {
  type: string;
  bytes: Buffer;
  filename: string;
  contentType: string;
  /** In milliseconds. */
  at: number;
}

export interface World {
  options: SimulatorOptions;
  /** The account's original id, `gh_…`. */
  accountId: string;
  /** The follower the chat page shows when none is named. */
  openid: string;
  url: string;
  clock: { aheadMs: number };
  tokens: Tokens;
  followers: Followers;
  pushes: History<PushRecord>;
  messages: History<MessageRecord>;
  calls: Record<string, CallCount>;
  agents: readonly string[];
  /** Who talks to whom. */
  sessions: { openid: string; kf_account: string }[];
  /** What was uploaded, by media_id. */
  media: Map<string, Media>;
  faults: Faults;
  /** Emits `change` with the kind of what changed and the record. */
  changes: EventEmitter<{ change: [Change] }>;
  /** Aborted when the simulator closes. */
  closing: AbortController;
  nextId(): number;
}

export type Change =
  | { kind: 'push'; record: PushRecord }
  | { kind: 'message'; record: MessageRecord }
  | { kind: 'follower'; record: Follower };

const REMEMBERED = 5000;

export function createWorld(options: SimulatorOptions): World {
  const clock = { aheadMs: 0 };
  const now = (): number => Date.now() + clock.aheadMs;
  const changes = new EventEmitter<{ change: [Change] }>().setMaxListeners(0);
  const closing = new AbortController();
  // Everything under way listens for the end, and there may be much under way.
  setMaxListeners(0, closing.signal);
  let id = 0;
  const accountId = `gh_${createHash('sha1').update(options.appId).digest('hex').slice(0, 12)}`;
  const world: World = {
    options,
    accountId,
    openid: newOpenid(),
    url: '',
    clock,
    tokens: createTokens(now),
    followers: new Followers(now, options.counted ?? true, (record) =>
      changes.emit('change', { kind: 'follower', record }),
    ),
    pushes: new History(REMEMBERED),
    messages: new History(REMEMBERED),
    calls: {},
    agents: options.agents ?? [`kf2001@${accountId}`],
    sessions: [],
    media: new Map(),
    faults: new Faults(),
    changes,
    closing,
    nextId: () => ++id,
  };
  world.followers.meet(world.openid);
  return world;
}

/** Openids are personal: the log gets only their ends. */
export function shortened(openid: string): string {
  return openid.length > 8 ? `${openid.slice(0, 3)}…${openid.slice(-4)}` : openid;
}
