// `npm run dev`: compiles what is saved, and has `wxrelay start` restart the processes that the result is part of.
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, watch } from 'node:fs';
import { extname, join } from 'node:path';

const run = (...args) => spawn(process.execPath, args, { stdio: 'inherit' });

if (spawnSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' }).status !== 0) process.exit(1);
const compiler = run(
  'node_modules/typescript/bin/tsc',
  '-p',
  'tsconfig.build.json',
  '--watch',
  '--preserveWatchOutput',
);
const start = run('dist/src/cli/main.js', 'start', '--watch', ...process.argv.slice(2));

watch('src', { recursive: true }, (_, file) => {
  const copied = file && ['.lua', '.html', '.css', '.js'].includes(extname(file)) && existsSync(join('src', file));
  if (copied) copyFileSync(join('src', file), join('dist/src', file));
});

// A terminal's Ctrl-C reaches all of them by itself; `start` says when everything has ended.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => start.kill('SIGTERM'));
start.on('exit', (code) => {
  compiler.kill();
  process.exit(code ?? 1);
});
