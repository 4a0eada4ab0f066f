// The second benchmark: what it costs to handle a push and to deliver its answer.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startChild } from '../lib/child.mjs';
import { atEnd } from '../lib/cleanup.mjs';
import { cpuMicros } from '../lib/cpu.mjs';
import { startLoad } from '../load/load.mjs';
import { startBare, startRelay } from './sides.mjs';

const BARE = 'BullMQ job + HTTP POST';

/**
 * @typedef {object} Round all in microseconds for each message
 * @property {number} time from letting go to the last message at the API
 * @property {number} cpu of the worker process
 * @property {number} redisCpu
 */

/**
 * Starts no round after `sizes.workerSeconds`.
 *
 * @returns {Promise<{ title: string, rounds: Round[] }[]>} the first is what the others are compared with
 */
export async function measureWorkers({ dir, redis, sizes, progress }) {
  const api = await startChild([fileURLToPath(new URL('./fake-api.mjs', import.meta.url))], { dir, name: 'fake-api' });
  atEnd(() => api.stop());
  const load = await startLoad(dir);
  const context = { dir, redis, load, apiUrl: `http://127.0.0.1:${api.ready.port}` };
  const [bare, relay] = [await startBare(context), await startRelay(context)];
  const rows = [
    { title: BARE, side: bare, perUser: 1 },
    { title: 'wxrelay worker, 1 push a user', side: relay, perUser: 1 },
    { title: 'wxrelay worker, 20 pushes a user', side: relay, perUser: 20 },
  ].map((row) => ({ ...row, rounds: [] }));
  for (const { title, side, perUser } of rows) {
    progress(`warming up ${title}`);
    await drain(side, { api, redis, count: sizes.workerWarmUp, perUser });
  }
  const end = Date.now() + sizes.workerSeconds * 1000;
  for (let round = 1; round <= sizes.workerRounds && (round === 1 || Date.now() < end); round++) {
    for (const { title, side, perUser, rounds } of rows) {
      progress(`round ${round} of ${sizes.workerRounds}: ${title}`);
      rounds.push(await drain(side, { api, redis, count: sizes.messages, perUser }));
    }
  }
  await Promise.all([bare.stop(), relay.stop(), api.stop(), load.stop()]);
  return rows.map(({ title, rounds }) => ({ title, rounds }));
}

/** How long the last messages' bookkeeping may take after they were sent. Milliseconds. */
const SETTLE = 500;
const PATIENCE = 60_000;

async function drain(side, { api, redis, count, perUser }) {
  await side.fill(count, perUser);
  await sleep(SETTLE);
  api.child.send({ expect: count });
  const received = once(api.child, 'message', { signal: AbortSignal.timeout(PATIENCE) });
  const before = { worker: cpuMicros(side.pid), redis: redis.cpu(), at: Date.now() };
  await side.go();
  const [{ at }] = await received;
  await sleep(SETTLE);
  return {
    time: ((at - before.at) * 1000) / count,
    cpu: (cpuMicros(side.pid) - before.worker) / count,
    redisCpu: (redis.cpu() - before.redis) / count,
  };
}
