import { fileURLToPath } from 'node:url';
import { Queue } from 'bullmq';
import { startChild } from '../lib/child.mjs';
import { atEnd } from '../lib/cleanup.mjs';
import { startWxrelay, TAG } from '../lib/wxrelay.mjs';
import { texts } from '../load/pushes.mjs';

/** The defaults of `wxrelay worker`, for both. */
const JOBS = 100;
const REQUESTS = 50;

/**
 * A side fills its queues while they are paused, then lets go; its worker runs all the time.
 *
 * @typedef {object} Side
 * @property {number} pid of its worker
 * @property {(count: number, perUser: number) => Promise<void>} fill
 * @property {() => Promise<void>} go
 * @property {() => Promise<unknown>} stop
 */

/** @returns {Promise<Side>} */
export async function startBare({ dir, redis, apiUrl }) {
  const { url, client } = redis.database('bare');
  const env = { REDIS_URL: url, API_URL: apiUrl, JOBS: String(JOBS), REQUESTS: String(REQUESTS) };
  const worker = await startChild([fileURLToPath(new URL('./bare-worker.mjs', import.meta.url))], {
    dir,
    name: 'bare-worker',
    env,
  });
  atEnd(() => worker.stop());
  const queue = openQueue('push', client, 'bull');
  return {
    pid: worker.pid,
    async fill(count, perUser) {
      await queue.pause();
      const jobs = texts({ count, perUser }).map((data) => ({ name: 'push', data }));
      for (let at = 0; at < jobs.length; at += 500) await queue.addBulk(jobs.slice(at, at + 500));
    },
    go: () => queue.resume(),
    stop: () => worker.stop(),
  };
}

/** @returns {Promise<Side>} */
export async function startRelay({ dir, redis, apiUrl, load }) {
  const { url, client } = redis.database('relay');
  const common = { dir, redisUrl: url, handlers: 'run' };
  const receiver = await startWxrelay('receiver', { ...common, name: 'worker-receiver' });
  atEnd(() => receiver.stop());
  const worker = await startWxrelay('worker', { ...common, name: 'worker', env: { WECHAT_API_BASE_URL: apiUrl } });
  atEnd(() => worker.stop());
  // With its wake-ups paused, nobody gives lanes their jobs; with `handle` paused too, the sweeper cannot start early.
  const queues = ['wake', 'handle'].map((name) => openQueue(name, client, TAG));
  return {
    pid: worker.pid,
    async fill(count, perUser) {
      for (const queue of queues) await queue.pause();
      await load.prepare({ port: receiver.ready.port, pushes: { count, perUser } });
      await load.run();
    },
    async go() {
      for (const queue of queues) await queue.resume();
    },
    stop: () => Promise.all([receiver.stop(), worker.stop()]),
  };
}

function openQueue(name, connection, prefix) {
  const queue = new Queue(name, { connection, prefix });
  atEnd(() => queue.close());
  return queue;
}
