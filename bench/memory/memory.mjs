// The third: what Redis keeps for a push that waits.
import { setTimeout as sleep } from 'node:timers/promises';
import { targets } from '../ack/targets.mjs';
import { hundredths, table, whole } from '../lib/table.mjs';
import { startLoad } from '../load/load.mjs';

const ROWS = [
  { id: 'bullmq', perUser: 1 },
  { id: 'run', perUser: 1 },
  { id: 'run', perUser: 20 },
];
/** For what Redis does in the background: freeing, resizing tables. Milliseconds. */
const SETTLE = 500;

/** @returns {Promise<{ title: string, bytes: number }[]>} */
export async function measureMemory({ dir, redis, sizes, progress }) {
  const load = await startLoad(dir);
  const results = [];
  for (const { id, perUser } of ROWS) {
    const { title, start } = targets.find((target) => target.id === id);
    const row = `${title}, ${perUser === 1 ? '1 push' : `${perUser} pushes`} a user`;
    progress(`memory: ${row}`);
    const { url, client } = redis.database(`memory-${id}-${perUser}`);
    const server = await start({ dir, name: `memory-${id}`, redisUrl: url });
    // Connections have buffers of their own: they are there before as well as after.
    await load.prepare({ port: server.ready.port, pushes: { count: sizes.waiting, perUser } });
    await sleep(SETTLE);
    const before = await redis.usedMemory();
    await load.run();
    await sleep(SETTLE);
    results.push({ title: row, bytes: ((await redis.usedMemory()) - before) / sizes.waiting });
    await server.stop();
    await client.flushdb();
  }
  await load.stop();
  return results;
}

export function reportMemory(results, waiting) {
  const rows = results.map(({ title, bytes }) => [title, whole(bytes), hundredths(bytes / 1024)]);
  return [
    `Redis memory for a text push that waits, all bookkeeping included (${whole(waiting)} of them, no worker)`,
    table(['kept by', 'bytes/push', 'KiB/push'], rows),
  ].join('\n');
}
