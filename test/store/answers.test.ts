// The scripts by which answers find their way into passive replies, where several hands reach for them at once.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { openAnswers } from '../../src/store/answers.ts';
import { connectWorker } from '../../src/store/connection.ts';
import { noteForgetting } from '../../src/store/forgetting.ts';
import { createIngest, type Incoming } from '../../src/store/ingest.ts';
import { createNames, laneId, type PushKey, pushKey } from '../../src/store/keys.ts';

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
  const ingest = createIngest({ redis, names, wake: () => undefined, canSend: () => false });
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

describe('what is parked', () => {
  test('while a reply is under way is not lost with what the reply carries, and comes after what did not fit', async () => {
    const { answers, key, push, park, parked } = open();
    await push('1', { kind: 'later', asker: 'a' });
    await park('old');
    expect(await answers.takeParked(key('1'))).toHaveLength(1);
    await park('new');
    await answers.handOver(key('1'), { ...done, tookParked: 1, parked: [{ id: 'rest', json: '{}' }] });
    expect(await parked()).toEqual(['rest', 'new']);
  });

  test('is in one reply at a time, whoever else lets go', async () => {
    const { answers, key, park } = open();
    await park('one');
    expect(await answers.takeParked(key('1'))).toHaveLength(1);
    expect(await answers.takeParked(key('2'))).toEqual([]);
    await answers.letGo(key('2'), undefined);
    expect(await answers.takeParked(key('3'))).toEqual([]);
    await answers.letGo(key('1'), undefined);
    expect(await answers.takeParked(key('3'))).toHaveLength(1);
  });

  test('is handed over once, however often that is noted', async () => {
    const { answers, key, push, park, parked } = open();
    await push('1', { kind: 'later', asker: 'a' });
    await park('old');
    await answers.takeParked(key('1'));
    const what = { ...done, tookParked: 1, parked: [{ id: 'rest', json: '{}' }] };
    for (let n = 0; n < 2; n++) await answers.handOver(key('1'), what);
    expect(await parked()).toEqual(['rest']);
  });

  test('is not written back for a user who was forgotten meanwhile', async () => {
    const { answers, key, parked } = open();
    await answers.handOver(key('1'), { ...done, tookParked: 0, parked: [{ id: 'rest', json: '{}' }] });
    expect(await parked()).toEqual([]);
  });
});

describe('the answer of a push that is held', () => {
  test('is claimed by the last attempt alone, and an earlier one then gets the same reply', async () => {
    const { answers, ingest, key, push, answer, alive, lane } = open();
    await alive();
    expect(await push('1', { kind: 'held', asker: 'a' })).toMatchObject({ state: 'held', attempt: 1 });
    expect(await push('1', { kind: 'held', asker: 'b' })).toMatchObject({ state: 'held', attempt: 2 });
    await answer('1');
    expect(await answers.claim(key('1'), 'a', lane)).toBeUndefined();
    const claimed = await answers.claim(key('1'), 'b', lane);
    expect(claimed).toMatchObject({ parts: [{ id: `${key('1')}~0` }] });
    if (typeof claimed !== 'object' || !('run' in claimed)) throw new Error('it was not claimed');
    await answers.handOver(key('1'), { ...done, claimed, tookParked: 0 });
    expect(await answers.claim(key('1'), 'a', lane)).toEqual({ said: '<xml/>' });
    await ingest.reply(key('1'), '<other/>', '');
    expect(await answers.claim(key('1'), 'a', lane)).toEqual({ said: '<xml/>' });
  });

  test('is not kept from the user by an earlier push that nobody holds any more', async () => {
    const { answers, names, key, push, answer, alive, lane, tag } = open();
    await alive();
    await push('0', { kind: 'held', asker: 'z' });
    await redis.rpush(`${tag}:lane:deliver:${names.userId('wx', 'oUser')}`, `1|${key('0')}~0|{"gate":1}`);
    await push('1', { kind: 'held', asker: 'a' });
    await answer('1');
    expect(await answers.claim(key('1'), 'a', lane)).toBeUndefined();
    const hourAgo = Date.now() - 3_600_000;
    await redis.set(`${tag}:claim:${key('0')}`, `h${hourAgo}:${hourAgo}:1:z`);
    expect(await answers.claim(key('1'), 'a', lane)).toMatchObject({
      parts: [{ id: `${key('0')}~0` }, { id: `${key('1')}~0` }],
    });
  });

  test('leaves a send whose worker died to be decided by the worker that takes it over', async () => {
    const { answers, key, push, answer, alive, lane, tag, user } = open();
    await alive();
    await push('1', { kind: 'held', asker: 'a' });
    await answer('1');
    const dead = { run: 'dead', lock: 'gone', token: 't', sending: `${key('1')}~0` };
    await redis.hset(`${tag}:state:deliver:${user}`, dead);
    expect(await answers.claim(key('1'), 'a', lane)).toBeUndefined();
  });
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
