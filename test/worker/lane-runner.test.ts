// Lanes that change hands while their head is given up on.
import { randomBytes } from 'node:crypto';
import { Worker } from 'bullmq';
import { expect, inject, type TestContext, test } from 'vitest';
import { connectWorker } from '../../src/store/connection.ts';
import { DEAD, openQueues } from '../../src/store/queues.ts';
import { createLaneRunner } from '../../src/worker/lane-runner.ts';
import type { Stage } from '../../src/worker/stage.ts';
import { eventually } from '../helpers/eventually.ts';
import { keepingLog } from '../receiver/harness.ts';

const USER = 'u'.repeat(16);
const LANE = `handle:${USER}`;
const GRAVE = `${USER}-1.1`;

/** A lane with one push whose handler fails for good, and what happens in Redis before the worker can say so. */
async function giveUp(
  t: TestContext,
  meanwhile: (redis: ReturnType<typeof connectWorker>, tag: string) => Promise<unknown>,
  reason = 'it is broken',
) {
  const tag = `{test-${randomBytes(6).toString('hex')}:0}`;
  const redis = connectWorker(inject('redisUrl'), () => undefined);
  const queues = openQueues(redis);
  const { log, events } = keepingLog();
  const deliver: Stage = { queue: 'deliver', work: async () => ({ kind: 'lost' }) };
  const runner = createLaneRunner({ redis, queues, log, deliver, sendSlots: 1 });
  const stage: Stage = {
    queue: 'handle',
    async work() {
      await meanwhile(redis, tag);
      return { kind: 'dead', handler: 'fragile', reason };
    },
  };
  const worker = new Worker('handle', (job, token) => runner.process(stage, tag, job, token ?? ''), {
    connection: redis,
    prefix: tag,
  });
  t.onTestFinished(async () => {
    await worker.close();
    await queues.close();
    const keys = await redis.keys(`${tag}:*`);
    if (keys.length > 0) await redis.del(...keys);
    redis.disconnect();
  });
  const done = new Promise((resolve) => worker.once('completed', resolve));
  await redis.rpush(`${tag}:lane:${LANE}`, `1|${USER}-1|{}`);
  await queues.startLanes(tag, [LANE]);
  await done;
  return { redis, tag, events, dead: () => queues.get(tag, DEAD).getJobs() };
}

test('a push that another worker has taken over by then leaves nothing in dead, and is not said to be given up on', async (t) => {
  const { redis, tag, events, dead } = await giveUp(t, (redis, tag) =>
    redis.hset(`${tag}:state:${LANE}`, 'run', 'another'),
  );
  expect(await dead()).toEqual([]);
  expect(events('push.given_up')).toEqual([]);
  expect(events('run.superseded')).toHaveLength(1);
  expect(await redis.llen(`${tag}:lane:${LANE}`)).toBe(1);
});

test('one that was given up on by the other worker stays in dead', async (t) => {
  const { events, dead } = await giveUp(t, async (redis, tag) => {
    await redis.hset(`${tag}:state:${LANE}`, 'run', 'another');
    await redis.set(`${tag}:buried:${GRAVE}`, `${LANE}|1|${USER}-1|{}`);
  });
  await eventually(async () => expect((await dead()).map(({ id }) => id)).toEqual([GRAVE]));
  expect(events('push.given_up')).toHaveLength(1);
});

test('one that is still ours stands in dead once', async (t) => {
  const { redis, tag, events, dead } = await giveUp(t, async () => undefined);
  expect((await dead()).map(({ id }) => id)).toEqual([GRAVE]);
  expect(events('push.given_up')).toHaveLength(1);
  expect(await redis.exists(`${tag}:buried:${GRAVE}`)).toBe(1);
});

test('a reason that quotes control characters and line breaks is one printable line in dead, trace and log', async (t) => {
  const { redis, tag, events, dead } = await giveUp(t, async () => undefined, 'WeChat said \x1b[2J\x9b\r\nforged');
  const plain = 'WeChat said \\u001b[2J\\u009b\\u000d\\nforged';
  expect((await dead())[0]?.data).toMatchObject({ reason: plain });
  expect(events('push.given_up')).toMatchObject([{ reason: plain }]);
  expect((await redis.lrange(`${tag}:trace:${USER}`, 0, -1)).at(-1)).toContain(`given up: ${plain}`);
});

test('a send that hangs holds its slot alone: other runs end, and their answers are left to the queue', async (t) => {
  const tag = `{test-${randomBytes(6).toString('hex')}:0}`;
  const redis = connectWorker(inject('redisUrl'), () => undefined);
  const queues = openQueues(redis);
  const hanging: (() => void)[] = [];
  const deliver: Stage = {
    queue: 'deliver',
    sends: () => true,
    work: () => new Promise((resolve) => hanging.push(() => resolve({ kind: 'done', facts: 'sent', result: {} }))),
  };
  const handle: Stage = {
    queue: 'handle',
    async work({ id }, { lane }) {
      const parts = [{ id: `${id}~0`, json: '{}' }];
      return { kind: 'done', facts: 'ran', result: { id }, lane: lane.replace('handle', 'deliver'), parts };
    },
  };
  const runner = createLaneRunner({ redis, queues, log: keepingLog().log, deliver, sendSlots: 1 });
  const worker = new Worker('handle', (job, token) => runner.process(handle, tag, job, token ?? ''), {
    connection: redis,
    prefix: tag,
    concurrency: 3,
  });
  t.onTestFinished(async () => {
    for (const release of hanging) release();
    await worker.close();
    await queues.close();
    const keys = await redis.keys(`${tag}:*`);
    if (keys.length > 0) await redis.del(...keys);
    redis.disconnect();
  });
  const users = ['a', 'b', 'c'].map((letter) => letter.repeat(16));
  for (const user of users) {
    await redis.rpush(`${tag}:lane:handle:${user}`, `1|${user}-1|{}`);
    await queues.startLanes(tag, [`handle:${user}`]);
  }
  await eventually(async () => {
    expect(await queues.get(tag, 'handle').getCompletedCount()).toBe(2);
    expect(await queues.get(tag, 'deliver').getWaitingCount()).toBe(2);
  });
  expect(hanging).toHaveLength(1);
  hanging[0]?.();
  await eventually(async () => expect(await queues.get(tag, 'handle').getCompletedCount()).toBe(3));
});
