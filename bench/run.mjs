import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { atEnd, cleanUp, isCleaningUp } from './lib/cleanup.mjs';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' }, help: { type: 'boolean' } },
});
const PARTS = ['ack', 'worker', 'memory', 'held', 'page'];
if (options.help || (options.only && !PARTS.includes(options.only))) {
  console.log(`npm run bench -- [--quick] [--only ${PARTS.join('|')}]`);
  process.exit(options.help ? 0 : 1);
}

const root = here('..');
run(process.execPath, ['scripts/build.mjs'], root);
const peers = here('./peers');
if (!existsSync(`${peers}/node_modules`)) run('npm', ['ci'], peers);

// Only now: they use what was just built.
const { bench } = await import('./bench.mjs');
const { redisProgram } = await import('./lib/redis.mjs');
if (!redisProgram()) {
  console.error('There is no valkey-server or redis-server on the PATH: without one there is nothing to measure.');
  process.exit(1);
}
// On the disk of the repository: a temp folder may be in memory, where fsync costs nothing.
const parent = here('./.wxrelay');
mkdirSync(parent, { recursive: true });
const dir = mkdtempSync(`${parent}/run-`);
atEnd(() => {
  rmSync(dir, { recursive: true, force: true });
  if (readdirSync(parent).length === 0) rmdirSync(parent);
});
let failed = false;
try {
  await bench({ ...options, parts: options.only ? [options.only] : PARTS, dir });
} catch (error) {
  failed = true;
  if (!isCleaningUp()) console.error(error);
} finally {
  await cleanUp();
}
process.exit(failed ? 1 : 0);

function run(program, args, cwd) {
  const { status } = spawnSync(program, args, { cwd, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) process.exit(status ?? 1);
}
