import { randomBytes } from 'node:crypto';
import { afterAll, expect, inject, test } from 'vitest';
import { connectWorker } from '../../src/store/connection.ts';
import { listenForNudges } from '../../src/store/nudges.ts';
import { runHandler } from '../../src/worker/run-handler.ts';
import { keepingLog } from '../receiver/harness.ts';

const redis = connectWorker(inject('redisUrl'), () => undefined);
const nudges = listenForNudges(redis, [], keepingLog().log);
afterAll(() => {
  nudges.close();
  redis.disconnect();
});

const tag = `{test-${randomBytes(6).toString('hex')}:0}`;
const run = { tag, lane: 'handle:u', id: 'run', lock: 'lock', token: 'token', sends: false };
const bounds = { redis, nudges, run, headId: 'u-1', timeout: 1000, say: async () => 'mine' as const };
const context = {} as Parameters<typeof runHandler>[1];

test('a push that a worker takes at the very end of its drain goes back, and its handler is not started', async () => {
  let started = 0;
  const handler = {
    run: () => {
      started++;
      return new Promise<never>(() => undefined);
    },
  };
  expect(await runHandler(handler, context, { ...bounds, drained: AbortSignal.abort() })).toEqual({ kind: 'stopped' });
  expect(started).toBe(0);
});

test('a run that fails after a later push has replaced it is replaced, though nobody has told it yet', async (t) => {
  const state = `${tag}:state:handle:u`;
  t.onTestFinished(async () => void (await redis.del(state)));
  const failing = {
    run: async () => {
      await redis.hset(state, { run: 'run', replaced: 'u-1' });
      throw new Error('it fails');
    },
  };
  const { signal } = new AbortController();
  expect(await runHandler(failing, context, { ...bounds, drained: signal })).toEqual({ kind: 'replaced' });
});
