import { measureAcks } from './ack/ack.mjs';
import { reportAcks } from './ack/report.mjs';
import { noCpu } from './lib/cpu.mjs';
import { describeMachine } from './lib/machine.mjs';
import { redisProgram, startRedis } from './lib/redis.mjs';
import { measureMemory, reportMemory } from './memory/memory.mjs';
import { reportWorkers } from './worker/report.mjs';
import { measureWorkers } from './worker/worker.mjs';

const FULL = {
  connections: 64,
  rounds: 5,
  warmUp: 8000,
  pushes: 12_000,
  steadySeconds: 1.5,
  workerRounds: 5,
  workerWarmUp: 3000,
  messages: 8000,
  waiting: 20_000,
};
const QUICK = {
  connections: 64,
  rounds: 2,
  warmUp: 1500,
  pushes: 4000,
  steadySeconds: 0.5,
  workerRounds: 2,
  workerWarmUp: 1000,
  messages: 3000,
  waiting: 5000,
};

/** @param {{ quick: boolean, parts: string[], dir: string }} options */
export async function bench({ quick, parts, dir }) {
  if (!redisProgram())
    throw new Error('There is no valkey-server or redis-server on the PATH: without one there is nothing to measure.');
  const sizes = quick ? QUICK : FULL;
  const redis = await startRedis(dir);
  const started = Date.now();
  const progress = (what) =>
    console.error(`${String(Math.round((Date.now() - started) / 1000)).padStart(4)} s  ${what}`);
  const context = { dir, redis, sizes, progress };

  console.log(describeMachine(redis.version));
  console.log('Load generator, Redis and the server measured share these cores. A figure is the median of the rounds,');
  console.log('with the lowest and the highest; ratios are made within each round.');
  if (noCpu) console.log(`No CPU figures: ${noCpu}.`);
  if (quick) console.log('--quick: short rounds, cold code; trust the full run.');
  if (parts.includes('ack')) console.log(`\n${reportAcks(await measureAcks(context))}`);
  if (parts.includes('worker')) console.log(`\n${reportWorkers(await measureWorkers(context), sizes.messages)}`);
  if (parts.includes('memory')) console.log(`\n${reportMemory(await measureMemory(context), sizes.waiting)}`);
  progress('done');
}
