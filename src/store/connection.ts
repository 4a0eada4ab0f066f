import { Redis, type RedisOptions } from 'ioredis';
import { guardHandshake } from './handshake.ts';
import { isOptional } from './redis-needs.ts';
import type { OnRedisError } from './redis-troubles.ts';
import { commandName, type Refusal, refusalOf } from './refusal.ts';
import { defineScripts } from './scripts.ts';

type Options = Omit<RedisOptions, 'replyMapping'>;

/** What ioredis does with a command that Redis has refused. Anew: over a new connection; the command is given up, or sent again. */
type Then = false | true | 2;
const GIVE_UP: Then = false;
const GIVE_UP_ANEW: Then = true;
const AGAIN_ANEW: Then = 2;

interface Manner {
  readonly options: Options;
  /** Milliseconds before the n-th try to connect; `null` where there is none. */
  retry(times: number): number | null;
  after(refusal: Refusal): Then;
}

/**
 * The receiver must know within 300 ms whether a push is durable, and a command that timed out may still be executed
 * later: so nothing queues while Redis is away, nothing is sent twice by the client, and a silent connection is cut.
 */
const impatient: Manner = {
  options: {
    enableOfflineQueue: false,
    commandTimeout: 300,
    socketTimeout: 1500,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
  },
  retry: (times) => Math.min(50 * times, 500),
  // A master that has become a replica may keep its connections open: whoever connects anew finds the one that takes writes.
  after: ({ kind }) => (kind === 'replica' ? GIVE_UP_ANEW : GIVE_UP),
};

const waiting: Options = { maxRetriesPerRequest: null, socketTimeout: 4000, keepAlive: 1000 };

/** A worker waits for Redis to come back; `socketTimeout` ends a connection that a network has swallowed. */
const patient: Manner = {
  options: waiting,
  retry: (times) => Math.min(50 * times, 1000),
  // Nothing of it was done, so it is sent again, or an answer that is made would be lost; but not half of a script.
  after: ({ halfway }) => (halfway ? GIVE_UP_ANEW : AGAIN_ANEW),
};

/** Who asks for a person waits as a worker does while Redis is away, and is told at once what it refuses. */
const asking: Manner = { ...patient, after: impatient.after };

/** For a command that does one thing and ends: what is away is tried again for a moment, and then everything fails. */
const brief: Manner = {
  options: { connectTimeout: 3000, commandTimeout: 5000, maxRetriesPerRequest: 1 },
  retry: (times) => (times > 3 ? null : 200 * times),
  after: impatient.after,
};

/** Longer than the 10 s for which BullMQ's blocking connection waits for work. */
const BLOCKING_SOCKET_TIMEOUT = 12_000;
/** The first pause after a refusal and the longest, and for how long the last refusal counts. */
const FIRST_PAUSE = 200;
const LONGEST_PAUSE = 5000;
const COUNTS_FOR = 4 * LONGEST_PAUSE;

export function connectReceiver(url: string, onError: OnRedisError): Redis {
  const redis = connect(url, impatient, onError);
  // Only what listens is duplicated: it may wait for Redis.
  redis.duplicate = () => connect(url, patient, onError, { socketTimeout: undefined });
  return redis;
}

export const connectWorker = (url: string, onError: OnRedisError): Redis => connectWaiting(url, patient, onError);

export const connectBriefly = (url: string, onError: OnRedisError): Redis => connect(url, brief, onError);

/** For the monitor, and for programs that send. */
export const connectTool = (url: string, onError: OnRedisError): Redis => connectWaiting(url, asking, onError);

function connectWaiting(url: string, manner: Manner, onError: OnRedisError): Redis {
  const redis = connect(url, manner, onError);
  // BullMQ duplicates the connection it is given for its blocking commands.
  redis.duplicate = (override?: Options) =>
    connect(url, manner, onError, { socketTimeout: BLOCKING_SOCKET_TIMEOUT, ...override });
  return redis;
}

function connect(url: string, manner: Manner, onError: OnRedisError, more: Options = {}): Redis {
  const pauses = createPauses(manner.retry);
  const options: Options = {
    ...manner.options,
    ...more,
    // Not every user of Redis may say who it is, and nobody reads it.
    disableClientInfo: true,
    retryStrategy: pauses.next,
    reconnectOnError(error: Error) {
      const refusal = refusalOf(error);
      if (!refusal || isOptional(commandName(error))) return GIVE_UP;
      onError(error);
      const then = manner.after(refusal);
      if (then !== GIVE_UP) pauses.refused();
      return then;
    },
  };
  const redis = new Redis(url, options);
  const onRefusal = (error: Error) => {
    onError(error);
    pauses.refused();
  };
  guardHandshake(redis, onRefusal, onError);
  defineScripts(redis);
  // ioredis adds a listener for each command that is refused together with others.
  redis.on('connect', () => redis.stream.setMaxListeners(0));
  redis.on('error', (error) => {
    if (refusalOf(error)) pauses.refused();
    onError(error);
  });
  return redis;
}

/** The longer Redis goes on refusing, the longer it is left alone before the next connection. */
function createPauses(retry: Manner['retry']) {
  let count = 0;
  let last = 0;
  let due = false;
  return {
    refused() {
      // What one connection had under way is refused together.
      if (due) return;
      due = true;
      count = Date.now() - last < COUNTS_FOR ? count + 1 : 0;
      last = Date.now();
    },
    next(times: number): number | null {
      if (!due) return retry(times);
      due = false;
      return Math.min(FIRST_PAUSE * 2 ** count, LONGEST_PAUSE);
    },
  };
}
