import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';

const read = (name: string) => readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8');
const prelude = read('prelude');

/** Every script that touches a lane gets the prelude; the others stand alone. Numbers of keys as in each file's head. */
const scripts = {
  ingest: { keys: 1, lua: prelude + read('ingest') },
  replied: { keys: 1, lua: prelude + read('replied') },
  take: { keys: 2, lua: prelude + read('take') },
  finish: { keys: 1, lua: prelude + read('finish') },
  stream: { keys: 1, lua: prelude + read('stream') },
  correctWindow: { keys: 1, lua: prelude + read('correct-window') },
  giveback: { keys: 1, lua: prelude + read('giveback') },
  bury: { keys: 1, lua: prelude + read('bury') },
  revive: { keys: 1, lua: prelude + read('revive') },
  claimAnswer: { keys: 1, lua: prelude + read('claim-answer') },
  handOver: { keys: 1, lua: prelude + read('hand-over') },
  letGo: { keys: 1, lua: prelude + read('let-go') },
  expireParked: { keys: 1, lua: prelude + read('expire-parked') },
  refit: { keys: 1, lua: prelude + read('refit') },
  overdue: { keys: 1, lua: prelude + read('overdue') },
  noteForgetting: { keys: 1, lua: prelude + read('note-forgetting') },
  send: { keys: 1, lua: prelude + read('send') },
  sweep: { keys: 1, lua: prelude + read('sweep') },
  swept: { keys: 1, lua: prelude + read('swept') },
  ready: { keys: 1, lua: read('ready') },
  expireToken: { keys: 1, lua: read('expire-token') },
  unlock: { keys: 1, lua: read('unlock') },
  beginUnusable: { keys: 1, lua: read('begin-unusable') },
  pause: { keys: 2, lua: read('pause') },
  claimCheck: { keys: 1, lua: read('claim-check') },
};

export type ScriptName = keyof typeof scripts;

/** Makes the scripts known to a connection: by their hash, with the text only where the server has lost it. */
export function defineScripts(redis: Redis): void {
  for (const [name, { keys, lua }] of Object.entries(scripts))
    redis.defineCommand(`wx_${name}`, { numberOfKeys: keys, lua });
}

export function runScript<R>(redis: Redis, name: ScriptName, keys: string[], args: (string | number)[]): Promise<R> {
  const commands = redis as unknown as Record<`wx_${ScriptName}`, (...values: (string | number)[]) => Promise<R>>;
  return commands[`wx_${name}`](...keys, ...args);
}
