import { EventEmitter } from 'node:events';
import type { Redis } from 'ioredis';

/** Tells runs that something has changed for their lane. A nudge may get lost: whoever waits for one looks now and then too. */
export interface Nudges {
  /** Returns how to stop listening. */
  on(tag: string, lane: string, look: () => void): () => void;
  close(): void;
}

/** On a connection of its own, for one that listens can do nothing else. */
export async function listenForNudges(redis: Redis, tags: readonly string[]): Promise<Nudges> {
  const emitter = new EventEmitter().setMaxListeners(0);
  const subscriber = redis.duplicate();
  subscriber.on('message', (channel: string, lane: string) => emitter.emit(`${channel} ${lane}`));
  await subscriber.subscribe(...tags.map(channelOf));
  return {
    on(tag, lane, look) {
      const event = `${channelOf(tag)} ${lane}`;
      emitter.on(event, look);
      return () => void emitter.off(event, look);
    },
    close: () => subscriber.disconnect(),
  };
}

/** The scripts publish the lane's id here. */
const channelOf = (tag: string) => `${tag}:nudge`;
