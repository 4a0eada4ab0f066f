// The scripts by which answers find their way into passive replies, where several hands reach for them at once.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { type Claimed, openAnswers } from '../../src/store/answers.ts';
import { connectWorker } from '../../src/store/connection.ts';
import { noteForgetting } from '../../src/store/forgetting.ts';
import { createIngest, type Incoming } from '../../src/store/ingest.ts';
import { createNames, laneId, type PushKey, pushKey } from '../../src/store/keys.ts';
import { finish, giveBack, type Run, refit, take } from '../../src/store/lanes.ts';

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
  const answers = openAnswers(redis, names);
  const ingest = createIngest({ redis, names, wake: () => undefined, canSend: () => false, maxLane: 1000 });
  const parked = `${tag}:parked:${user}`;
  const lane = laneId('handle', user);
  const push = (id: string, reply: Incoming['reply']) =>
    ingest.add({ key: pushKey(user, id), lane, entry: '{"handler":"h"}', reply, facts: 'accepted' });
  return {
    names,
    tag,
    user,
    answers,
    ingest,
    lane,
    key: (id: string): PushKey => pushKey(user, id),
    push,
    park: (...ids: string[]) => redis.rpush(parked, ...ids.map((id) => `1|${id}|{}`)),
    parked: async () => (await redis.lrange(parked, 0, -1)).map((entry) => entry.split('|')[1]),
    /** The answer of a push comes, and the push is done. */
    async answer(id: string) {
      await redis.rpush(`${tag}:lane:deliver:${user}`, `1|${pushKey(user, id)}~0|{"gate":1}`);
      await redis.del(`${tag}:lane:${lane}`);
    },
    alive: () => redis.set(`${tag}:alive`, '1'),
  };
}
const done = { reply: '<xml/>', facts: 'replied', parked: [] };

/** The parts of what was claimed; fails where nothing was. */
function partsOf(claimed: unknown): string[] {
  return mine(claimed).parts.map(({ id }) => id);
}

function mine(claimed: unknown): Claimed {
  if (typeof claimed !== 'object' || claimed === null || !('run' in claimed)) throw new Error('it was not claimed');
  return claimed as Claimed;
}

describe('what is parked', () => {
  test('while a reply is under way is not lost with what the reply carries, and comes after what did not fit', async () => {
    const { answers, key, push, park, parked } = open();
    await push('1', { kind: 'later', asker: 'a' });
    await park('old');
    const claimed = mine(await answers.claimWaiting(key('1'), ''));
    expect(partsOf(claimed)).toEqual(['old']);
    await park('new');
    await answers.handOver(key('1'), { ...done, claimed, parked: [{ id: 'rest', json: '{}' }] });
    expect(await parked()).toEqual(['rest', 'new']);
  });

  test('is in one reply at a time, whoever else lets go', async () => {
    const { answers, key, park } = open();
    await park('one');
    const { run } = mine(await answers.claimWaiting(key('1'), ''));
    expect(await answers.claimWaiting(key('2'), '')).toBeUndefined();
    expect(await answers.letGo(key('2'), 'another')).toBe(false);
    expect(await answers.claimWaiting(key('3'), '')).toBeUndefined();
    expect(await answers.letGo(key('1'), run)).toBe(true);
    expect(partsOf(await answers.claimWaiting(key('3'), ''))).toEqual(['one']);
  });

  test('is handed over once, however often that is noted', async () => {
    const { answers, key, push, park, parked } = open();
    await push('1', { kind: 'later', asker: 'a' });
    await park('old');
    const claimed = mine(await answers.claimWaiting(key('1'), ''));
    const what = { ...done, claimed, parked: [{ id: 'rest', json: '{}' }] };
    for (let n = 0; n < 2; n++) expect(await answers.handOver(key('1'), what)).toEqual({ ours: true, wake: false });
    expect(await parked()).toEqual(['rest']);
  });

  test('is not written back for a user who was forgotten meanwhile', async () => {
    const { answers, key, park, parked } = open();
    await park('old');
    const claimed = mine(await answers.claimWaiting(key('1'), ''));
    await answers.handOver(key('1'), { ...done, claimed, parked: [{ id: 'rest', json: '{}' }] });
    expect(await parked()).toEqual([]);
  });

  test('goes first, and with it what waits in the outbound lane and nobody sends', async () => {
    const { answers, key, push, park, answer, lane, alive } = open();
    await alive();
    await push('1', { kind: 'held', asker: 'a' });
    await park('old');
    await answer('0');
    await answer('1');
    expect(partsOf(await answers.claimWaiting(key('2'), ''))).toEqual(['old', `${key('0')}~0`]);
    // The rest belongs to a reply of its own, whose turn comes when this one has left.
    expect(await answers.claim(key('1'), { asker: 'a', lane }, true)).toBeUndefined();
  });
});

describe('the answer of a push that is held', () => {
  const held = async () => {
    const world = open();
    await world.alive();
    const look = (id: string, asker: string) => world.answers.claim(world.key(id), { asker, lane: world.lane }, true);
    return { ...world, look };
  };

  test('is claimed by the last attempt alone, and an earlier one then gets the same reply', async () => {
    const { answers, ingest, key, push, answer, look } = await held();
    expect(await push('1', { kind: 'held', asker: 'a' })).toMatchObject({ state: 'held', attempt: 1 });
    expect(await push('1', { kind: 'held', asker: 'b' })).toMatchObject({ state: 'held', attempt: 2 });
    await answer('1');
    expect(await look('1', 'a')).toBeUndefined();
    expect(await answers.claimWaiting(key('1'), 'a')).toBeUndefined();
    const claimed = mine(await look('1', 'b'));
    expect(partsOf(claimed)).toEqual([`${key('1')}~0`]);
    expect(await ingest.reply(key('1'), '<busy/>', '', 'a')).toBeUndefined();
    await answers.handOver(key('1'), { ...done, claimed });
    expect(await look('1', 'a')).toEqual({ said: '<xml/>' });
    expect(await ingest.reply(key('1'), '<other/>', '')).toBe('<xml/>');
    expect(await look('1', 'a')).toEqual({ said: '<xml/>' });
  });

  test('is not kept from the user by an earlier push that nobody holds any more', async () => {
    const { key, push, answer, tag, look } = await held();
    await push('0', { kind: 'held', asker: 'z' });
    await answer('0');
    await push('1', { kind: 'held', asker: 'a' });
    await answer('1');
    expect(await look('1', 'a')).toBeUndefined();
    const hourAgo = Date.now() - 3_600_000;
    await redis.set(`${tag}:claim:${key('0')}`, `h${hourAgo}:${hourAgo}:1:z`);
    expect(partsOf(await look('1', 'a'))).toEqual([`${key('0')}~0`, `${key('1')}~0`]);
  });

  test('is not kept from him by the answer of a later one that is held too', async () => {
    const { key, push, answer, look } = await held();
    for (const id of ['1', '2']) await push(id, { kind: 'held', asker: id });
    for (const id of ['1', '2']) await answer(id);
    expect(partsOf(await look('1', '1'))).toEqual([`${key('1')}~0`]);
  });

  test('leaves a send whose worker died to be decided by the worker that takes it over', async () => {
    const { key, push, answer, tag, user, look } = await held();
    await push('1', { kind: 'held', asker: 'a' });
    await answer('1');
    const dead = { run: 'dead', lock: 'gone', token: 't', sending: `${key('1')}~0` };
    await redis.hset(`${tag}:state:deliver:${user}`, dead);
    expect(await look('1', 'a')).toBeUndefined();
  });

  test('is in doubt with all that its reply carried, where the receiver died, and stays so until that is decided', async () => {
    const { key, push, park, answer, tag, user, look } = await held();
    await push('1', { kind: 'held', asker: 'a' });
    await park('old');
    await answer('1');
    mine(await look('1', 'a'));
    await redis.del(`${tag}:hold:${key('1')}`);
    const hourAgo = Date.now() - 3_600_000;
    await redis.set(`${tag}:claim:${key('1')}`, `h${hourAgo}:${hourAgo}:1:a`);
    // A worker that is to decide may die too.
    for (const [n, deaths] of [0, 1].entries()) {
      const run = {
        tag,
        lane: laneId('deliver', user),
        id: `r${n}`,
        lock: `${tag}:lock${n}`,
        token: 't',
        sends: n === 0,
      };
      await redis.set(run.lock, 't');
      const taken = await take(redis, run);
      if (taken.state !== 'head') throw new Error(taken.state);
      expect(taken.head).toMatchObject({ id: 'old', inDoubt: true, deaths });
      expect(taken.head.alsoInDoubt.map(({ id }) => id)).toEqual([`${key('1')}~0`]);
      await redis.del(run.lock);
    }
  });

  test('is not in doubt for a worker that died without having begun to send it', async () => {
    const { answer, tag, user } = await held();
    await answer('1');
    for (const n of [0, 1]) {
      const run = {
        tag,
        lane: laneId('deliver', user),
        id: `r${n}`,
        lock: `${tag}:lock${n}`,
        token: 't',
        sends: false,
      };
      await redis.set(run.lock, 't');
      expect(await take(redis, run)).toMatchObject({ state: 'head', head: { inDoubt: false, deaths: n } });
      await redis.del(run.lock);
    }
  });
});

describe('whoever holds a push is told when the outbound lane of its user is free again', () => {
  /** How often it was said, once what `change` makes known has come. */
  const told = async (change: (world: ReturnType<typeof open>, run: Run) => Promise<unknown>) => {
    const world = open();
    const { tag, user, key, push, answer, alive } = world;
    await alive();
    await push('1', { kind: 'held', asker: 'a' });
    await redis.rpush(`${tag}:lane:deliver:${user}`, `1|${key('0')}~0|{}`);
    await answer('1');
    const run = { tag, lane: laneId('deliver', user), id: 'r', lock: `${tag}:lock`, token: 't', sends: true };
    await redis.set(run.lock, 't');
    const listener = redis.duplicate();
    let count = 0;
    await listener.subscribe(`${tag}:nudge`);
    listener.on('message', () => count++);
    await change(world, run);
    await listener.ping();
    listener.disconnect();
    return count;
  };
  const head = async (run: Run) => {
    const taken = await take(redis, run);
    if (taken.state !== 'head') throw new Error(taken.state);
    return taken.head;
  };

  type Change = (world: ReturnType<typeof open>, run: Run) => Promise<unknown>;
  const claimed = async ({ answers, key }: ReturnType<typeof open>) => mine(await answers.claimWaiting(key('2'), ''));
  const ways: readonly [string, Change][] = [
    ['a send', async (_, run) => finish(redis, run, await head(run), { facts: '', goOn: true })],
    ['parking', async (_, run) => refit(redis, run, await head(run), { count: 1, now: [], parked: [], facts: '' })],
    ['giving it back', async (_, run) => giveBack(redis, run, await head(run), { pause: 9, counts: '', facts: '' })],
    [
      'a reply that has left',
      async (world) => world.answers.handOver(world.key('2'), { ...done, claimed: await claimed(world) }),
    ],
    ['a reply that has not left', async (world) => world.answers.letGo(world.key('2'), (await claimed(world)).run)],
  ];
  test.each(ways)('by %s', async (_, change) => {
    expect(await told(change)).toBeGreaterThan(0);
  });

  test('and a send after which nothing waits for a reply says nothing', async () => {
    const quiet = async ({ tag, key }: ReturnType<typeof open>, run: Run) => {
      await redis.del(`${tag}:lane:${run.lane}`);
      for (const n of [0, 1]) await redis.rpush(`${tag}:lane:${run.lane}`, `1|${key('0')}~${n}|{}`);
      await finish(redis, run, await head(run), { facts: '', goOn: true });
    };
    expect(await told(quiet)).toBe(0);
  });
});

test('a push that is given up while it is held open gets the reply that it would have had at once', async () => {
  const { key, push, alive, tag } = open();
  await alive();
  await push('1', { kind: 'held', asker: 'a' });
  await redis.set(`${tag}:claim:${key('1')}`, 'c0:');
  expect(await push('1', { kind: 'held', asker: 'b' })).toEqual({ state: 'over' });
  expect(await push('1', { kind: 'held', asker: 'c' })).toEqual({ state: 'wait' });
});

test('a push that nobody takes is claimed only where its reply carries something, and then has that', async () => {
  const { answers, ingest, key, tag, park, push } = open();
  const look = () =>
    ingest.add({
      key: key('1'),
      lane: '',
      entry: '',
      reply: { kind: 'none' },
      opens: { sends: 5, ms: 1000 },
      facts: '',
    });
  expect(await look()).toEqual({ state: 'new', parked: false });
  expect(await redis.keys(`${tag}:claim:*`)).toEqual([]);
  await park('old');
  expect(await look()).toEqual({ state: 'new', parked: true });
  await push('1', { kind: 'later', asker: 'a' });
  const claimed = mine(await answers.claimWaiting(key('1'), ''));
  await answers.handOver(key('1'), { ...done, claimed });
  expect(await look()).toEqual({ state: 'answered' });
});

test('an event that WeChat repeats, or that comes from a disk days later, does not undo a later one', async () => {
  const { names, tag, user } = open();
  const note = (since: number, due?: number) =>
    noteForgetting(redis, names, { account: 'wx', openid: 'oUser', since, ...(due === undefined ? {} : { due }) });
  const pending = () => redis.zcard(`${tag}:forget`);
  await note(100);
  await note(103, 1);
  await note(100);
  expect(await pending()).toBe(1);
  await note(110);
  await note(103, 1);
  expect(await pending()).toBe(0);
  expect(await redis.ttl(`${tag}:follow:${user}`)).toBeGreaterThan(7 * 86_400);
});
