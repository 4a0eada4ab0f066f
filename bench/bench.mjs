import { measureAcks } from './ack/ack.mjs';
import { reportAcks } from './ack/report.mjs';
import { targets } from './ack/targets.mjs';
import { measureHeld, reportHeld } from './held/held.mjs';
import { noCpu } from './lib/cpu.mjs';
import { describeMachine } from './lib/machine.mjs';
import { startRedis } from './lib/redis.mjs';
import { measureMemory, reportMemory } from './memory/memory.mjs';
import { measurePages, reportPages } from './page/page.mjs';
import { reportWorkers } from './worker/report.mjs';
import { measureWorkers } from './worker/worker.mjs';

/** Many short rounds: what else runs on the machine comes and goes, and a median of many is not moved by it. */
const FULL = {
  warmUp: 6000,
  rounds: 9,
  pushes: 5000,
  steadySeconds: 1,
  ackSeconds: 180,
  workerWarmUp: 2000,
  workerRounds: 7,
  messages: 5000,
  workerSeconds: 80,
  waiting: 20_000,
  held: 5000,
  heldRounds: 5,
  pageRounds: 7,
};
const QUICK = {
  warmUp: 600,
  rounds: 2,
  pushes: 1500,
  steadySeconds: 0.25,
  ackSeconds: 15,
  workerWarmUp: 300,
  workerRounds: 2,
  messages: 1000,
  workerSeconds: 6,
  waiting: 2000,
  held: 1000,
  heldRounds: 1,
  pageRounds: 3,
};

/** @param {{ quick: boolean, parts: string[], dir: string }} options */
export async function bench({ quick, parts, dir }) {
  const sizes = quick ? QUICK : FULL;
  const redis = await startRedis(dir);
  const started = Date.now();
  const progress = (what) =>
    console.error(`${String(Math.round((Date.now() - started) / 1000)).padStart(4)} s  ${what}`);
  const context = { dir, redis, sizes, progress, targets };

  console.log(describeMachine(redis.version));
  console.log('Load generator, Redis and the server measured share these cores. A figure is the median of the rounds,');
  console.log('with the lowest and the highest; ratios are made within each round.');
  if (noCpu) console.log(`No CPU figures: ${noCpu}.`);
  if (quick) console.log('--quick: short rounds, cold code; trust the full run.');
  if (parts.includes('ack')) console.log(`\n${reportAcks(await measureAcks(context))}`);
  if (parts.includes('worker')) console.log(`\n${reportWorkers(await measureWorkers(context), sizes.messages)}`);
  if (parts.includes('memory')) console.log(`\n${reportMemory(await measureMemory(context), sizes.waiting)}`);
  if (parts.includes('held')) console.log(`\n${reportHeld(await measureHeld(context), sizes.held)}`);
  if (parts.includes('page')) console.log(`\n${reportPages(await measurePages(context))}`);
  progress('done');
}
