import { Redis, type RedisOptions } from 'ioredis';
import { defineScripts } from './scripts.ts';

/** A master that has become a replica may keep its connections open: whoever connects anew finds the one that takes writes. */
const isDemoted = ({ message }: Error) => /^READONLY|-READONLY/.test(message);

/**
 * The receiver must know within 300 ms whether a push is durable, and a command that timed out may still be executed
 * later: so nothing queues while Redis is away, nothing is sent twice by the client, and a silent connection is cut.
 */
const impatient = {
  enableOfflineQueue: false,
  commandTimeout: 300,
  socketTimeout: 1500,
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  reconnectOnError: isDemoted,
  retryStrategy: (times: number) => Math.min(50 * times, 500),
} satisfies RedisOptions;

/** A worker waits for Redis to come back; `socketTimeout` ends a connection that a network has swallowed. */
const patient = {
  maxRetriesPerRequest: null,
  socketTimeout: 4000,
  keepAlive: 1000,
  // Refused, so nothing of it was done: it is sent again, or an answer that is made would be lost.
  reconnectOnError: (error: Error) => isDemoted(error) && 2,
  retryStrategy: (times: number) => Math.min(50 * times, 1000),
} satisfies RedisOptions;

/** Longer than the 10 s for which BullMQ's blocking connection waits for work. */
const BLOCKING_SOCKET_TIMEOUT = 12_000;

export type OnConnectionError = (error: Error) => void;

export function connectReceiver(url: string, onError: OnConnectionError): Redis {
  const redis = prepare(new Redis(url, impatient), onError);
  // Only what listens is duplicated: it may wait for Redis.
  redis.duplicate = () => prepare(new Redis(url, { ...patient, socketTimeout: undefined }), onError);
  return redis;
}

export function connectWorker(url: string, onError: OnConnectionError): Redis {
  const redis = prepare(new Redis(url, patient), onError);
  // BullMQ duplicates the connection it is given for its blocking commands.
  redis.duplicate = (override) => {
    const blocking = { ...patient, socketTimeout: BLOCKING_SOCKET_TIMEOUT, ...override };
    return prepare(new Redis(url, blocking), onError);
  };
  return redis;
}

function prepare(redis: Redis, onError: OnConnectionError): Redis {
  defineScripts(redis);
  redis.on('error', onError);
  return redis;
}
