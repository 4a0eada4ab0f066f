// The scripts of a lane's owner, where calls are repeated and owners die.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeEach, expect, inject, test } from 'vitest';
import { connectWorker } from '../../src/store/connection.ts';
import { type Run, take } from '../../src/store/lanes.ts';

const redis = connectWorker(inject('redisUrl'), () => undefined);
afterAll(() => redis.disconnect());
let tag = '';
beforeEach(() => {
  tag = `{test-${randomBytes(6).toString('hex')}:0}`;
  return async () => {
    const keys = await redis.keys(`${tag}:*`);
    if (keys.length > 0) await redis.del(...keys);
  };
});

const USER = 'u'.repeat(16);

/** A run of a worker that lives; without its lock it has died. */
async function runOf(queue: string, id: string): Promise<Run> {
  const lock = `${tag}:${queue}:${id}:lock`;
  await redis.set(lock, 'token');
  return { tag, lane: `${queue}:${USER}`, id, lock, token: 'token', sends: queue === 'deliver' };
}
const fill = (run: Run, ...ids: string[]) =>
  redis.rpush(`${tag}:lane:${run.lane}`, ...ids.map((id) => `${Date.now()}|${USER}-${id}|{"handler":"h"}`));
const headOf = async (run: Run) => {
  const taken = await take(redis, run);
  if (taken.state !== 'head') throw new Error(`the lane is ${taken.state}`);
  return taken.head;
};

test('a send that was in doubt at a takeover still is when the call is repeated, until the lane has gone on', async () => {
  const first = await runOf('deliver', 'first');
  await fill(first, '1~0');
  expect(await headOf(first)).toMatchObject({ inDoubt: false, orphaned: false });
  await redis.del(first.lock);
  const second = await runOf('deliver', 'second');
  const inDoubt = { inDoubt: true, orphaned: true, deaths: 1 };
  expect(await headOf(second)).toMatchObject(inDoubt);
  expect(await headOf(second)).toMatchObject(inDoubt);
});
