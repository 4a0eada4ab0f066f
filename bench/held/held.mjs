// The fourth: what pushes that are held open cost the others.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { receiver } from '../ack/targets.mjs';
import { cpuMicros } from '../lib/cpu.mjs';
import { ratio, spread } from '../lib/stats.mjs';
import { hundredths, ranged, table, tenths, whole } from '../lib/table.mjs';
import { TAG } from '../lib/wxrelay.mjs';
import { startLoad } from '../load/load.mjs';

/** Other pushes per second. */
const RATE = 200;
/** Seconds in which the pushes to be held arrive: within the four for which they are. */
const ARRIVING = 3;
/** Seconds for which the others are measured: while they arrive, are held, and end. */
const MEASURED = 7;

/** @returns {Promise<{ title: string, p50: number[], p99: number[], cpu: number[], redisCpu: number[], rss: number[] }[]>} */
export async function measureHeld({ dir, redis, sizes, progress }) {
  const [crowd, others] = [await startLoad(dir, 'crowd'), await startLoad(dir)];
  const { url, client } = redis.database('held');
  const server = await receiver('held')({ dir, name: 'held', redisUrl: url });
  // There is no worker whose answers would end it sooner: they are all held to the end.
  await client.set(`${TAG}:alive`, '1');
  const { port } = server.ready;
  const count = sizes.held;
  const results = [
    { title: 'nothing else' },
    { title: `${whole(count)} acked at once`, text: 'ack' },
    { title: `${whole(count)} held open`, text: 'hold' },
  ].map((row) => ({ ...row, p50: [], p99: [], cpu: [], redisCpu: [], rss: [] }));
  const measure = async (text) => {
    await others.prepare({ port, pushes: { count: RATE * MEASURED } });
    if (text) await crowd.prepare({ port, connections: count, pushes: { count, text } });
    const before = { server: cpuMicros(server.pid), redis: redis.cpu() };
    const crowded = text && crowd.run({ rate: count / ARRIVING });
    const measured = others.run({ rate: RATE });
    await sleep((ARRIVING + 0.5) * 1000);
    const rss = rssOf(server.pid);
    await crowded;
    const { p50, p99 } = await measured;
    const cpu = cpuMicros(server.pid) - before.server;
    return { p50, p99, cpu, redisCpu: redis.cpu() - before.redis, rss };
  };
  // Cold code is not what is compared.
  await measure('ack');
  for (let round = 1; round <= sizes.heldRounds; round++)
    for (const { title, text, ...figures } of results) {
      progress(`held, round ${round} of ${sizes.heldRounds}: ${title}`);
      const found = await measure(text);
      for (const [name, values] of Object.entries(figures)) values.push(found[name]);
    }
  await server.stop();
  await Promise.all([crowd.stop(), others.stop()]);
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

export function reportHeld(results, count) {
  const [alone, atOnce] = results;
  /** What each of the crowd has cost, in microseconds. */
  const cost = (values, base) =>
    values === base ? '–' : ranged(spread(values.map((value, round) => (value - base[round]) / count)), whole);
  const rows = results.map(({ title, p50, p99, cpu, redisCpu, rss }) => [
    title,
    ranged(spread(p50), tenths),
    ranged(spread(p99), tenths),
    ranged(ratio(p50, atOnce.p50), hundredths),
    ranged(ratio(p99, atOnce.p99), hundredths),
    cost(cpu, alone.cpu),
    cost(redisCpu, alone.redisCpu),
    ranged(spread(rss), whole),
  ]);
  return [
    `Acks of other pushes (${RATE}/s) while a crowd of them, which came within ${ARRIVING} s, is held open with \`wait\``,
    table(
      ['beside', 'p50 ms', 'p99 ms', 'p50 ÷ at once', 'p99 ÷ at once', 'µs/push', 'Redis µs/push', 'receiver RSS, MiB'],
      rows,
    ),
  ].join('\n');
}
