// What was given up on is bounded by age and by count.
import { randomBytes } from 'node:crypto';
import { UnrecoverableError, Worker } from 'bullmq';
import { afterAll, beforeEach, expect, inject, test } from 'vitest';
import * as metrics from '../../src/metrics.ts';
import { connectWorker } from '../../src/store/connection.ts';
import { addDead, buryFull, dropOldDead } from '../../src/store/dead.ts';
import { createIngest, type Incoming } from '../../src/store/ingest.ts';
import { createNames } from '../../src/store/keys.ts';
import { DEAD, openQueues } from '../../src/store/queues.ts';
import { forgetOld } from '../../src/worker/sweeper.ts';
import { eventually } from '../helpers/eventually.ts';
import { keepingLog } from '../receiver/harness.ts';

const redis = connectWorker(inject('redisUrl'), () => undefined);
const queues = openQueues(redis);
afterAll(async () => {
  await queues.close();
  redis.disconnect();
});
const USER = 'u'.repeat(16);
const DAY = 86_400_000;
let prefix = '';
let tag = '';
beforeEach(() => {
  prefix = `test-${randomBytes(6).toString('hex')}`;
  tag = `{${prefix}:0}`;
  return async () => {
    const keys = await redis.keys(`{${prefix}:*`);
    if (keys.length > 0) await redis.del(...keys);
  };
});

/** Letters in `dead`, each so many days old, the first the oldest. */
async function giveUp(...ages: number[]): Promise<void> {
  const ids = ages.map((_, n) => `${USER}-${n}.1`);
  const worker = new Worker(
    DEAD,
    async () => {
      throw new UnrecoverableError('it is broken');
    },
    { connection: redis, prefix: tag },
  );
  await addDead(
    queues,
    tag,
    ids.map((jobId) => ({
      name: 'push',
      data: { key: jobId, handler: 'h', queue: 'handle', reason: 'it is broken' },
      opts: { jobId },
    })),
  );
  for (const id of ids) await redis.set(`${tag}:buried:${id}`, `handle:${USER}|1|${USER}-1|{}`);
  await eventually(async () => expect(await queues.get(tag, DEAD).getFailedCount()).toBe(ages.length));
  await worker.close();
  for (const [n, age] of ages.entries()) {
    const at = Date.now() - age * DAY;
    await redis.zadd(`${tag}:${DEAD}:failed`, at, ids[n] as string);
    await redis.hset(`${tag}:${DEAD}:${ids[n]}`, 'finishedOn', at);
  }
}
const left = async () => {
  const jobs = (await queues.get(tag, DEAD).getFailed()).map(({ id }) => id);
  const graves = (await redis.keys(`${tag}:buried:*`)).map((key) => key.slice(`${tag}:buried:`.length));
  expect(graves.sort()).toEqual([...jobs].sort());
  return jobs.map((id) => Number(/-(\d+)\./.exec(id ?? '')?.[1])).sort();
};

test.each([
  ['nothing, within both', [20, 10, 0], { days: 30, count: 3 }, { age: 0, count: 0 }, [0, 1, 2]],
  ['what is too old', [40, 31, 29, 0], { days: 30, count: 10 }, { age: 2, count: 0 }, [2, 3]],
  ['the oldest of too much', [4, 3, 2, 1], { days: 30, count: 2 }, { age: 0, count: 2 }, [2, 3]],
  ['both', [40, 3, 2, 1], { days: 30, count: 2 }, { age: 1, count: 1 }, [2, 3]],
])('is dropped, its push with it: %s', async (_, ages, most, dropped, kept) => {
  await giveUp(...ages);
  expect(await dropOldDead(redis, queues, tag, most)).toEqual(dropped);
  expect(await left()).toEqual(kept);
});

test('the sweeper drops it, counts it and says so, once for all processes', async (t) => {
  const { log, events } = keepingLog();
  t.onTestFinished(() => metrics.registry.resetMetrics());
  const names = createNames(prefix, 1, 'salt');
  const sweep = (dead: { days: number; count: number }) =>
    forgetOld({ redis, queues, names, prefix, textDays: 7, dead, log });
  await giveUp(40, 3, 2, 1);
  await sweep({ days: 30, count: 2 });
  expect(await left()).toEqual([2, 3]);
  expect(events('dead.dropped')).toMatchObject([
    { letters: 1, why: 'age', level: 40 },
    { letters: 1, why: 'count', level: 40 },
  ]);
  expect((await metrics.deadDropped.get()).values).toMatchObject([
    { value: 1, labels: { why: 'age' } },
    { value: 1, labels: { why: 'count' } },
  ]);
  await sweep({ days: 30, count: 1 });
  expect(await left()).toEqual([2, 3]);
});

/** A way into lanes in which one push may wait, and a push that comes from the disk. */
function openFull() {
  const names = createNames(prefix, 1, 'salt');
  const ingest = createIngest({ redis, names, wake: () => undefined, canSend: () => true, maxLane: 1 });
  const push = (id: string): Incoming => ({
    key: `${USER}-${id}`,
    lane: `handle:${USER}`,
    entry: '{"handler":"h"}',
    reply: { kind: 'later', asker: id },
    facts: 'accepted',
    rules: { spooledAt: 1_700_000_000_000 },
  });
  return { ingest, push, bury: (one: Incoming) => buryFull({ redis, queues, ingest, names }, one, 'h') };
}
const dead = async () => (await queues.get(tag, DEAD).getJobs()).map(({ id }) => id);

test('a push from the disk that finds its lane full is given up on once, however often it is replayed', async () => {
  const { ingest, push, bury } = openFull();
  await ingest.add(push('1'));
  expect(await ingest.add(push('2'))).toEqual({ state: 'full' });
  for (let n = 0; n < 2; n++) expect(await bury(push('2'))).toBe(true);
  expect(await dead()).toEqual([`${USER}-2.1700000000000`]);
  expect(await redis.get(`${tag}:buried:${USER}-2.1700000000000`)).toMatch(
    /^handle:u+\|1700000000000\|u+-2\|\{"handler"/,
  );
  expect(await ingest.add(push('2'))).not.toEqual({ state: 'full' });
});

test('it joins its lane where there is room by then, and nothing stays in dead', async () => {
  const { ingest, push, bury } = openFull();
  await ingest.add(push('1'));
  expect(await ingest.add(push('2'))).toEqual({ state: 'full' });
  await redis.del(`${tag}:lane:handle:${USER}`);
  expect(await bury(push('2'))).toBe(false);
  expect(await dead()).toEqual([]);
  expect(await redis.llen(`${tag}:lane:handle:${USER}`)).toBe(1);
});

test('a push that nobody told that its lane is full is looked at anew', async () => {
  const { ingest, push } = openFull();
  const { rules: _, ...live } = push('2');
  await ingest.add(push('1'));
  for (let n = 0; n < 2; n++) expect(await ingest.add(live)).toEqual({ state: 'full' });
  await redis.del(`${tag}:lane:handle:${USER}`);
  expect(await ingest.add(live)).toMatchObject({ state: 'new' });
  expect(await ingest.add(live)).toMatchObject({ state: 'again' });
});
