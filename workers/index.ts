// The worker process: the same as `wxrelay worker`. What it does is in handlers/.
import { run } from '../src/cli/run.ts';

run(['worker', ...process.argv.slice(2)]);
