// What is parked for a user goes out when he writes: before what is younger, and in nobody's way.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { connectWorker } from '../../src/store/connection.ts';
import { createIngest } from '../../src/store/ingest.ts';
import { createNames, laneId, pushKey } from '../../src/store/keys.ts';
import { finish, giveBack, type Head, type Run, refit, take } from '../../src/store/lanes.ts';
import { dropOldParked, listParked } from '../../src/store/parked.ts';
import { DELIVER } from '../../src/store/queues.ts';

const redis = connectWorker(inject('redisUrl'), () => undefined);
afterAll(() => redis.disconnect());
let prefix = '';
beforeEach(() => {
  prefix = `test-${randomBytes(6).toString('hex')}`;
  return async () => {
    const keys = await redis.keys(`{${prefix}:*`);
    if (keys.length > 0) await redis.del(...keys);
  };
});

function open() {
  const names = createNames(prefix, 1, 'salt');
  const tag = names.tags()[0] as string;
  const user = names.userId('wx', 'oUser');
  const lane = laneId(DELIVER, user);
  const woken: string[] = [];
  const ingest = createIngest({
    redis,
    names,
    wake: (_, lanes) => woken.push(...lanes),
    canSend: () => true,
    maxLane: 1000,
  });
  const parts = (...ids: string[]) => ids.map((id) => ({ id: `${user}-${id}`, json: '{"handler":"h"}' }));
  const put = (key: string, ids: string[]) =>
    redis.rpush(key, ...parts(...ids).map(({ id, json }) => `${Date.now()}|${id}|${json}`));
  let pushes = 0;
  const at = (head: Head | undefined) => head?.id.slice(user.length + 1);
  return {
    tag,
    user,
    woken,
    parts,
    fill: (...ids: string[]) => put(`${tag}:lane:${lane}`, ids),
    park: (...ids: string[]) => put(`${tag}:parked:${user}`, ids),
    /** The user writes something that nobody answers. */
    writes: () =>
      ingest.add({
        key: pushKey(user, `${++pushes}`),
        lane: '',
        entry: '',
        reply: { kind: 'known', xml: '' },
        facts: 'accepted',
        opens: { sends: 5, ms: 60_000 },
      }),
    async run(id: string): Promise<Run> {
      const lock = `${tag}:${DELIVER}:${id}:lock`;
      await redis.set(lock, 'token');
      return { tag, lane, id, lock, token: 'token', sends: true };
    },
    async head(run: Run): Promise<Head> {
      const taken = await take(redis, run);
      if (taken.state !== 'head') throw new Error(`the lane is ${JSON.stringify(taken)}`);
      return taken.head;
    },
    at,
    /** Finishes what is at the head, until nothing is left; the names of what came next. */
    async goesOn(run: Run, from: Head): Promise<(string | undefined)[]> {
      const came: (string | undefined)[] = [];
      for (let head: Head | undefined = from; head; ) {
        const done = await finish(redis, run, head, { facts: '', goOn: true });
        if (done.lost) throw new Error('the lane is lost');
        head = done.next;
        if (head) came.push(at(head));
      }
      return came;
    },
  };
}

test('what its user has not written for in seven days is dropped, which its trace says', async () => {
  const { fill, parts, run, head, tag, user } = open();
  await fill('a~0', 'a~1', 'b~0');
  const worker = await run('w');
  const parked = parts('a~0', 'a~1');
  await refit(redis, worker, await head(worker), { count: 2, now: [], parked, facts: 'parked' });
  await refit(redis, worker, await head(worker), { count: 1, now: [], parked: parts('b~0'), facts: 'parked' });
  const names = createNames(prefix, 1, 'salt');
  const listed = [];
  for await (const one of listParked(redis, names)) listed.push(one);
  const key = `${user}-a`;
  expect(listed).toMatchObject([{ key, handler: 'h', parts: 3 }]);
  const { until, since } = listed[0] as { until: number; since: number };
  expect(Math.abs(until - since - 7 * 86_400_000)).toBeLessThan(60_000);
  expect(await dropOldParked(redis, tag)).toEqual([]);
  await redis.zadd(`${tag}:parked`, Date.now() - 1000, user);
  expect(await dropOldParked(redis, tag)).toEqual([
    { key, parts: 2 },
    { key: `${user}-b`, parts: 1 },
  ]);
  expect(await redis.keys(`${tag}:parked*`)).toEqual([]);
  expect((await redis.lrange(`${tag}:trace:${user}`, 0, -1)).join()).toContain('2 part(s) dropped');
});

describe('what is parked', () => {
  test('waits for the end of what is being sent, and goes before what is younger', async () => {
    const { fill, park, run, head, writes, goesOn } = open();
    await fill('b~0', 'c~0');
    const worker = await run('w');
    const first = await head(worker);
    await park('a~0', 'a~1');
    await writes();
    expect(await goesOn(worker, first)).toEqual(['a~0', 'a~1', 'c~0']);
  });

  test('does not come in the middle of another answer', async () => {
    const { fill, park, run, head, writes, goesOn } = open();
    await fill('b~0', 'b~1', 'b~2', 'c~0');
    const worker = await run('w');
    const first = await head(worker);
    await park('a~0');
    await writes();
    expect(await goesOn(worker, first)).toEqual(['b~1', 'b~2', 'a~0', 'c~0']);
  });

  test('of an answer that is being sent goes before its later parts', async () => {
    const { fill, park, run, head, writes, goesOn } = open();
    await fill('a~6', 'a~7');
    const worker = await run('w');
    const first = await head(worker);
    await park('a~5');
    await writes();
    expect(await goesOn(worker, first)).toEqual(['a~5', 'a~7']);
  });

  test('does not wait, nor count tries, for what is to be tried again', async () => {
    const { fill, park, run, head, writes, at, goesOn, woken } = open();
    await fill('b~0');
    const worker = await run('w');
    await giveBack(redis, worker, await head(worker), { pause: 60_000, counts: 'tries', facts: '' });
    await park('a~0');
    await writes();
    expect(woken).toHaveLength(1);
    const first = await head(worker);
    expect([at(first), first.tries]).toEqual(['a~0', 0]);
    expect(await goesOn(worker, first)).toEqual(['b~0']);
  });

  test('goes first where the user writes during a send that is given back', async () => {
    const { fill, park, run, head, writes, at } = open();
    await fill('b~0');
    const worker = await run('w');
    const first = await head(worker);
    await park('a~0');
    await writes();
    await giveBack(redis, worker, first, { pause: 60_000, counts: 'tries', facts: '' });
    expect(at(await head(worker))).toBe('a~0');
  });

  test('leaves a send that is in doubt to be decided first', async () => {
    const { fill, park, run, head, writes, at, goesOn } = open();
    await fill('b~0', 'c~0');
    const dead = await run('dead');
    await head(dead);
    await redis.del(dead.lock);
    await park('a~0');
    await writes();
    const worker = await run('w');
    const first = await head(worker);
    expect([at(first), first.inDoubt]).toEqual(['b~0', true]);
    expect(await goesOn(worker, first)).toEqual(['a~0', 'c~0']);
  });

  test('goes out at once where the user wrote while it was refused', async () => {
    const { fill, parts, run, head, writes, goesOn } = open();
    await fill('a~0', 'b~0');
    const worker = await run('w');
    const refused = await head(worker);
    await writes();
    await refit(redis, worker, refused, { count: 1, now: [], parked: parts('a~0'), facts: '' });
    const again = await head(worker);
    expect([again.id, ...(await goesOn(worker, again))]).toEqual([refused.id, 'b~0']);
  });

  test('goes out alone where nothing else waits', async () => {
    const { park, run, head, writes, at, woken } = open();
    await park('a~0', 'a~1');
    await writes();
    expect(woken).toHaveLength(1);
    expect(at(await head(await run('w')))).toBe('a~0');
  });
});
