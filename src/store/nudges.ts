import { EventEmitter } from 'node:events';
import type { Redis } from 'ioredis';
import { toError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { isMissing } from './refusal.ts';

/** Tells runs that something has changed for their lane. A nudge may get lost: whoever waits for one looks now and then too. */
export interface Nudges {
  /** Returns how to stop listening. */
  on(tag: string, lane: string, look: () => void): () => void;
  close(): void;
}

/**
 * On a connection of its own, for one that listens can do nothing else. Where Redis does not let us listen, nobody is nudged.
 */
export function listenForNudges(redis: Redis, tags: readonly string[], log: Logger): Nudges {
  const emitter = new EventEmitter().setMaxListeners(0);
  let closed = false;
  const subscriber = redis.duplicate();
  subscriber.on('message', (channel: string, lane: string) => emitter.emit(`${channel} ${lane}`));
  subscriber.on('ready', () => {
    subscriber.subscribe(...tags.map(channelOf)).catch((error) => {
      // Any other trouble is that of the connection, which is tried again.
      if (closed || !isMissing(error)) return;
      log.warn({ err: toError(error), advice: ADVICE }, 'nudges.refused');
      subscriber.disconnect();
    });
  });
  return {
    on(tag, lane, look) {
      const event = `${channelOf(tag)} ${lane}`;
      emitter.on(event, look);
      return () => void emitter.off(event, look);
    },
    close() {
      closed = true;
      subscriber.disconnect();
    },
  };
}

const ADVICE =
  'let this user of Redis SUBSCRIBE to the channels that docs/redis.md names, or answers are found later than they could be';

/** The scripts publish the lane's id here. */
const channelOf = (tag: string) => `${tag}:nudge`;
