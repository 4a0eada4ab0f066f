// The long forms of the fault matrix; see docs/faults.md. Needs a built dist/.
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    kills: { type: 'string', default: '60' },
    away: { type: 'string', default: '600' },
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(`npm run soak -- [options]
  --only kills|away|random   one of the three
  --kills SECONDS            300 pushes a second with a kill every 5 s; default 60
  --away SECONDS             Redis away at 50 pushes a second; default 600
  --minutes MINUTES          random faults; default 5
  --seed NUMBER              repeats a random schedule`);
  process.exit(0);
}
const { status } = spawnSync(
  process.execPath,
  [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--config',
    'vitest.faults.config.ts',
    '--project',
    'soak',
    '--no-file-parallelism',
    values.only,
  ].filter(Boolean),
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      SOAK_KILLS: values.kills,
      SOAK_AWAY: values.away,
      SOAK_MINUTES: values.minutes,
      ...(values.seed ? { SOAK_SEED: values.seed } : {}),
    },
  },
);
process.exit(status ?? 1);
