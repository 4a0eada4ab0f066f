// The scripts of a lane's owner, where calls are repeated and owners die.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeEach, expect, inject, test } from 'vitest';
import { connectWorker } from '../../src/store/connection.ts';
import { dropGraves } from '../../src/store/dead.ts';
import { createIngest, type Incoming } from '../../src/store/ingest.ts';
import { createNames } from '../../src/store/keys.ts';
import { bury, finish, giveBack, graveId, type Head, type Part, type Run, refit, take } from '../../src/store/lanes.ts';
import { DEAD, openQueues } from '../../src/store/queues.ts';
import { runScript } from '../../src/store/scripts.ts';
import { eventually } from '../helpers/eventually.ts';
import { createRedisServer } from '../helpers/redis-server.ts';

const redis = connectWorker(inject('redisUrl'), () => undefined);
afterAll(() => redis.disconnect());
let prefix = '';
let tag = '';
beforeEach(() => {
  prefix = `test-${randomBytes(6).toString('hex')}`;
  tag = `{${prefix}:0}`;
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

test('a call that is repeated because its answer was lost still names the lanes to wake', async () => {
  const run = await runOf('handle', 'run');
  const part: Part = { id: `${USER}-1~0`, json: '{}' };
  const answers = { count: 1, facts: 'done', lane: `deliver:${USER}`, parts: [part] };
  const twice = async <T>(call: (head: Head) => Promise<T>): Promise<[T, T]> => {
    const head = await headOf(run);
    return [await call(head), await call(head)];
  };
  await fill(run, '1', '2', '3', '4');
  for (const done of await twice((head) => finish(redis, run, head, { ...answers, goOn: true })))
    expect(done).toMatchObject({ wake: answers.lane, next: { id: `${USER}-2` } });
  await redis.del(`${tag}:lane:${answers.lane}`);
  // Of a second burial nobody knows whose the first was: who calls it wakes both lanes.
  const [buried, again] = await twice((head) => bury(redis, run, head, answers));
  expect([...buried].sort()).toEqual([answers.lane, run.lane]);
  expect(again).toBe('lost');
  const what = { count: 1, now: [], parked: [part], facts: 'parked' };
  expect(await twice((head) => refit(redis, run, head, what))).toEqual([1, 1]);
  expect(await redis.llen(`${tag}:parked:${USER}`)).toBe(1);
});

test('so does a send of a program of the owner’s, and it is new; another with its id is not', async () => {
  const send = (call: string) =>
    runScript(redis, 'send', [tag], [`${USER}-1`, `deliver:${USER}`, call, 60, 'to be sent', `${USER}-1~0`, '{}']);
  for (let n = 0; n < 2; n++) expect(await send('a')).toEqual([1, `deliver:${USER}`]);
  expect(await send('b')).toEqual([0, '']);
  expect(await redis.llen(`${tag}:lane:deliver:${USER}`)).toBe(1);
});

/** A receiver's way into the lanes, and what it asks to be woken. */
function openIngest() {
  const woken: unknown[] = [];
  const wake = (_: string, lanes: string[], now?: boolean) => void woken.push(now ? { now: lanes } : { lanes });
  const ingest = createIngest({
    redis,
    names: createNames(prefix, 1, 'salt'),
    wake,
    canSend: () => true,
    maxLane: 1000,
  });
  const push = (id: string, more: Partial<Incoming> = {}) =>
    ingest.add({
      key: `${USER}-${id}`,
      lane: `handle:${USER}`,
      entry: '{"handler":"h"}',
      reply: { kind: 'later', asker: id },
      facts: 'accepted',
      ...more,
    });
  return { ingest, push, woken };
}

test('a push that replaces one which waits to be tried again does not wait for that', async () => {
  const { push, woken } = openIngest();
  const rules = { handler: 'h', busy: 'latest' } as const;
  await push('1', { rules });
  const run = await runOf('handle', 'run');
  await giveBack(redis, run, await headOf(run), { pause: 60_000, counts: 'tries', facts: 'failed' });
  await push('2', { rules });
  const lanes = [run.lane];
  expect(woken).toEqual([{ lanes }, { lanes }, { now: lanes }]);
  expect(await headOf(run)).toMatchObject({ id: `${USER}-2`, tries: 0 });
});

test('an answer that waits for its passive reply is looked at when that has left', async () => {
  const { ingest, push, woken } = openIngest();
  await push('1');
  const run = await runOf('deliver', 'run');
  await redis.rpush(`${tag}:lane:${run.lane}`, `${Date.now()}|${USER}-1~0|{"gate":${Date.now() + 60_000}}`);
  expect(await take(redis, run)).toEqual({ state: 'wait', ms: 500 });
  ingest.written(`${USER}-1`, '<xml/>');
  await eventually(() => expect(woken).toContainEqual({ now: [run.lane] }));
  expect(await headOf(run)).toMatchObject({ id: `${USER}-1~0` });
});

test.skipIf(!inject('realRedis'))(
  'a send that was refused for sure is given back by a Redis without memory too: no death, nothing in doubt',
  async (t) => {
    const server = await createRedisServer();
    t.onTestFinished(() => server.close());
    const full = connectWorker(server.url, () => undefined);
    t.onTestFinished(() => full.disconnect());
    const run: Run = { tag, lane: `deliver:${USER}`, id: 'run', lock: `${tag}:lock`, token: 'token', sends: true };
    await full.set(run.lock, run.token);
    await full.rpush(`${tag}:lane:${run.lane}`, `1|${USER}-1~0|{}`);
    const taken = await take(full, run);
    if (taken.state !== 'head') throw new Error(`the lane is ${taken.state}`);
    await full.config('SET', 'maxmemory', '1');
    expect(await giveBack(full, run, taken.head, { pause: 1, counts: 'tries', facts: 'refused' })).toBe(true);
    await full.config('SET', 'maxmemory', '0');
    const state = await full.hgetall(`${tag}:state:${run.lane}`);
    expect(Object.keys(state).sort()).toEqual(['tries', 'wait']);
    expect(state['tries']).toBe('1');
  },
);

test('what was given up on is kept for as long as it has a job in dead', async (t) => {
  const queues = openQueues(redis);
  t.onTestFinished(() => queues.close());
  const run = await runOf('handle', 'run');
  await fill(run, '1', '2');
  const graves: string[] = [];
  for (let n = 0; n < 2; n++) {
    const head = await headOf(run);
    graves.push(graveId(head));
    await queues.get(tag, DEAD).add('push', {}, { jobId: graveId(head) });
    await bury(redis, run, head, { count: 1, facts: 'given up' });
  }
  expect(await dropGraves(redis, tag)).toBe(0);
  await (await queues.get(tag, DEAD).getJob(graves[0] as string))?.remove();
  expect(await dropGraves(redis, tag)).toBe(1);
  expect(await redis.keys(`${tag}:buried:*`)).toEqual([`${tag}:buried:${graves[1]}`]);
});
