// The worker process: the same as `wxrelay worker`. What it does is in handlers/.
import { runCommand } from '../src/cli/program.ts';

await runCommand(['worker', ...process.argv.slice(2)]);
