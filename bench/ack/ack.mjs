// The first benchmark: what it costs to answer a push.
import { setTimeout as sleep } from 'node:timers/promises';
import { atEnd } from '../lib/cleanup.mjs';
import { cpuMicros } from '../lib/cpu.mjs';
import { startLoad } from '../load/load.mjs';

/**
 * @typedef {object} Round
 * @property {number} rate pushes per second, closed loop
 * @property {number} cpu CPU microseconds of the server for each push
 * @property {number} redisCpu the same of Redis
 * @property {number} loadCpu the same of the load generator
 * @property {number} busy how much of one core the server had
 * @property {number} p50 milliseconds, at half of `rate`
 * @property {number} p99
 */

/**
 * Starts no round after `sizes.ackSeconds`.
 *
 * @returns {Promise<{ id: string, title: string, rounds: Round[] }[]>}
 */
export async function measureAcks({ dir, redis, sizes, progress, targets }) {
  const load = await startLoad(dir);
  const servers = [];
  for (const target of targets) {
    const { url, client } = redis.database(target.id);
    const child = await target.start({ dir, name: target.id, redisUrl: url });
    atEnd(() => child.stop());
    servers.push({ ...target, child, client, rounds: [] });
  }
  for (const server of servers) {
    progress(`warming up ${server.title}`);
    await saturate(server, { load, redis, count: sizes.warmUp });
  }
  const end = Date.now() + sizes.ackSeconds * 1000;
  for (let round = 1; round <= sizes.rounds && (round === 1 || Date.now() < end); round++) {
    for (const server of servers) {
      progress(`round ${round} of ${sizes.rounds}: ${server.title}`);
      const saturated = await saturate(server, { load, redis, count: sizes.pushes });
      const steady = await halfLoad(server, { load, rate: saturated.rate / 2, ...sizes });
      server.rounds.push({ ...saturated, ...steady });
    }
  }
  await Promise.all(servers.map(({ child }) => child.stop()));
  await load.stop();
  return servers.map(({ id, title, rounds }) => ({ id, title, rounds }));
}

async function saturate(server, { load, redis, count }) {
  const { child, client, encrypted, kept } = server;
  await load.prepare({ port: child.ready.port, pushes: { count, encrypted } });
  await client.flushdb();
  const before = { server: cpuMicros(child.pid), redis: redis.cpu() };
  const { seconds, loadCpu } = await load.run();
  // What the server still does for these pushes after the last answer belongs to them.
  await sleep(30);
  const cpu = cpuMicros(child.pid) - before.server;
  const redisCpu = redis.cpu() - before.redis;
  if (kept && (await kept(client)) !== count)
    throw new Error(`${server.title}: ${count} pushes were acknowledged, but ${await kept(client)} are kept`);
  return {
    rate: count / seconds,
    cpu: cpu / count,
    redisCpu: redisCpu / count,
    loadCpu: loadCpu / count,
    busy: cpu / 1e6 / seconds,
  };
}

async function halfLoad({ child, client, encrypted }, { load, rate, steadySeconds }) {
  const count = Math.round(rate * steadySeconds);
  await load.prepare({ port: child.ready.port, pushes: { count, encrypted } });
  await client.flushdb();
  const { p50, p99 } = await load.run({ rate });
  return { p50, p99 };
}
