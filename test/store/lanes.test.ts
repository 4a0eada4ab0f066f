import { describe, expect, inject, test } from 'vitest';
import { connectWorker } from '../../src/store/connection.ts';
import { giveBack, type Run, take } from '../../src/store/lanes.ts';
import { createRedisServer } from '../helpers/redis-server.ts';

describe.skipIf(!inject('realRedis'))('a lane', () => {
  test('whose send was refused for sure is given back by a Redis without memory too: no death, nothing in doubt', async (t) => {
    const server = await createRedisServer();
    t.onTestFinished(() => server.close());
    const redis = connectWorker(server.url, () => undefined);
    t.onTestFinished(() => redis.disconnect());
    const tag = '{full:0}';
    const run: Run = {
      tag,
      lane: `deliver:${'u'.repeat(16)}`,
      id: 'first',
      lock: `${tag}:lock`,
      token: 'mine',
      sends: true,
    };
    await redis.set(run.lock, run.token);
    await redis.rpush(`${tag}:lane:${run.lane}`, `1|${'u'.repeat(16)}-1~0|{}`);
    const taken = await take(redis, run);
    if (taken.state !== 'head') throw new Error(taken.state);
    await redis.config('SET', 'maxmemory', '1');
    expect(await giveBack(redis, run, taken.head, { pause: 1, counts: 'tries', facts: 'refused' })).toBe(true);
    await redis.config('SET', 'maxmemory', '0');
    const state = await redis.hgetall(`${tag}:state:${run.lane}`);
    expect(Object.keys(state).sort()).toEqual(['tries', 'wait']);
    expect(state['tries']).toBe('1');
  });
});
