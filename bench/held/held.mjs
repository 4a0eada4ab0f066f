// The fourth: what pushes that are held open cost the others.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { receiver } from '../ack/targets.mjs';
import { spread } from '../lib/stats.mjs';
import { hundredths, ranged, table, tenths, whole } from '../lib/table.mjs';
import { TAG } from '../lib/wxrelay.mjs';
import { startLoad } from '../load/load.mjs';

/** Other pushes per second, and for how long: shorter than a push is held. */
const RATE = 200;
const SECONDS = 2;

/** @returns {Promise<{ title: string, p50: number[], p99: number[], rss: number[] }[]>} */
export async function measureHeld({ dir, redis, sizes, progress }) {
  const [holders, others] = [await startLoad(dir, 'holders'), await startLoad(dir)];
  const { url, client } = redis.database('held');
  const server = await receiver('held')({ dir, name: 'held', redisUrl: url });
  // There is no worker whose answers would end it sooner: they are all held to the end.
  await client.set(`${TAG}:alive`, '1');
  const { port } = server.ready;
  const results = [0, sizes.held].map((count) => ({
    count,
    title: count === 0 ? 'nothing else' : `${whole(count)} pushes held open`,
    p50: [],
    p99: [],
    rss: [],
  }));
  const measureOthers = async () => {
    await others.prepare({ port, pushes: { count: RATE * SECONDS } });
    return others.run({ rate: RATE });
  };
  await measureOthers();
  for (let round = 1; round <= sizes.heldRounds; round++)
    for (const { count, title, ...figures } of results) {
      progress(`held, round ${round} of ${sizes.heldRounds}: ${title}`);
      const pushes = { count, text: 'hold' };
      if (count > 0) await holders.prepare({ port, connections: count, pushes });
      const holding = count > 0 && holders.run();
      if (holding) await sleep(1000);
      const { p50, p99 } = await measureOthers();
      figures.rss.push(rssOf(server.pid));
      await holding;
      figures.p50.push(p50);
      figures.p99.push(p99);
    }
  await server.stop();
  await Promise.all([holders.stop(), others.stop()]);
  return results;
}

/** MiB; elsewhere than on Linux it stays empty. */
function rssOf(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

export function reportHeld(results) {
  const [alone] = results;
  const rows = results.map(({ title, p50, p99, rss }) => [
    title,
    ranged(spread(p50), tenths),
    ranged(spread(p99), tenths),
    ranged(spread(p99.map((value, round) => value / alone.p99[round])), hundredths),
    ranged(spread(rss), whole),
  ]);
  return [
    `Acks of other pushes (${RATE}/s) while pushes are held open with \`wait\``,
    table(['beside', 'p50 ms', 'p99 ms', 'p99 ratio', 'receiver RSS, MiB'], rows),
  ].join('\n');
}
