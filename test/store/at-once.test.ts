// The step that ends a run and begins the send of its answer: when it begins it, and what another worker finds after a crash.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeEach, expect, inject, test } from 'vitest';
import { connectWorker } from '../../src/store/connection.ts';
import { type Finished, finish, giveBack, type Head, type Run, take } from '../../src/store/lanes.ts';

const redis = connectWorker(inject('redisUrl'), () => undefined);
afterAll(() => redis.disconnect());
const USER = 'u'.repeat(16);
const OUT = `deliver:${USER}`;
let tag = '';
let run: Run;
let head: Head;

beforeEach(async () => {
  tag = `{test-${randomBytes(6).toString('hex')}:0}`;
  run = { tag, lane: `handle:${USER}`, id: 'run', lock: `${tag}:handle:1:lock`, token: 'token', sends: false };
  await redis.set(run.lock, run.token);
  await redis.rpush(`${tag}:lane:${run.lane}`, `${Date.now()}|${USER}-1|{"handler":"h"}`);
  head = await headOf(run);
  return async () => {
    const keys = await redis.keys(`${tag}:*`);
    if (keys.length > 0) await redis.del(...keys);
  };
});

async function headOf(of: Run): Promise<Head> {
  const taken = await take(redis, of);
  if (taken.state !== 'head') throw new Error(`the lane is ${taken.state}`);
  return taken.head;
}
const sender = (): Run => ({ ...run, lane: OUT, id: 'sender', sends: true });
const answer = (gate?: number) => ({ id: `${USER}-1~0`, json: gate === undefined ? '{}' : `{"gate":${gate}}` });
const end = (part = answer()): Promise<Finished> =>
  finish(redis, run, head, { facts: 'done', goOn: true, lane: OUT, parts: [part], sender: sender() });
/** A worker whose job of the outbound lane looks whether there is something to do. */
const other = async (): Promise<Run> => {
  const lock = `${tag}:deliver:2:lock`;
  await redis.set(lock, 'other');
  return { ...sender(), id: 'other', lock, token: 'other' };
};

test('the first part of an answer is handed to the run that made it; nobody has to be woken', async () => {
  expect(await end()).toMatchObject({ wake: '', atOnce: { id: `${USER}-1~0`, inDoubt: false } });
  expect(await take(redis, await other())).toEqual({ state: 'busy' });
});

test('its owner may claim it again, and give it back', async () => {
  await end();
  const again = await headOf(sender());
  expect(again).toMatchObject({ id: `${USER}-1~0`, inDoubt: false, deaths: 0 });
  await giveBack(redis, sender(), again, { pause: 0, counts: 'tries', facts: 'refused' });
  expect(await headOf(await other())).toMatchObject({ inDoubt: false, deaths: 0, tries: 1 });
});

test('a call that is repeated because its answer was lost gets the same part again', async () => {
  await redis.rpush(`${tag}:lane:${run.lane}`, `${Date.now()}|${USER}-2|{"handler":"h"}`);
  for (const done of [await end(), await end()])
    expect(done).toMatchObject({
      wake: '',
      atOnce: { id: `${USER}-1~0`, inDoubt: false },
      next: { id: `${USER}-2` },
    });
});

test('one whose lane has ended by then frees the part for others: it was never sent, and nothing is in doubt', async () => {
  await end();
  expect(await end()).toEqual({ lost: true });
  expect(await giveBack(redis, sender(), head, { pause: 0, counts: '', facts: '' })).toBe(true);
  expect(await headOf(await other())).toMatchObject({ id: `${USER}-1~0`, inDoubt: false, deaths: 0 });
});

test('of a worker that dies with it the send is in doubt, and is counted as a death', async () => {
  await end();
  await redis.del(run.lock);
  expect(await headOf(await other())).toMatchObject({ inDoubt: true, orphaned: true, deaths: 1 });
});

test.each<[string, () => Promise<unknown>, typeof answer?]>([
  ['something waits before it', () => redis.rpush(`${tag}:lane:${OUT}`, `${Date.now()}|${USER}-0~0|{}`)],
  [
    'another worker has the outbound lane',
    () => redis.hset(`${tag}:state:${OUT}`, 'run', 'other', 'lock', 'x', 'token', 'y'),
  ],
  ['the outbound lane waits to try again', () => redis.hset(`${tag}:state:${OUT}`, 'wait', Date.now() + 60_000)],
  ['the lock of the run’s job is gone', () => redis.set(run.lock, 'another job’s')],
])('it is left to a job of its own where %s', async (_, arrange) => {
  await arrange();
  const done = await end();
  expect(done).not.toHaveProperty('atOnce');
  expect(await redis.lrange(`${tag}:lane:${OUT}`, -1, -1)).toEqual([expect.stringContaining(`${USER}-1~0`)]);
  expect(await redis.hget(`${tag}:state:${OUT}`, 'run')).not.toBe('sender');
});

test('it is left to a job of its own while the passive reply of its push has not left', async () => {
  await redis.set(`${tag}:claim:${USER}-1`, 'c');
  expect(await end(answer(Date.now() + 60_000))).toMatchObject({ wake: OUT });
});

test('a run that names no sender sends nothing', async () => {
  const done = await finish(redis, run, head, { facts: 'done', goOn: true, lane: OUT, parts: [answer()] });
  expect(done).toMatchObject({ wake: OUT });
  expect(done).not.toHaveProperty('atOnce');
});
