// Builds dist/: the compiled TypeScript and, beside it, the files that are read at run time (Lua scripts, pages).
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync } from 'node:fs';
import { extname } from 'node:path';

const tsc = 'node_modules/typescript/bin/tsc';
if (existsSync(tsc)) {
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  const isAsset = (file) => ['', '.lua', '.html', '.css', '.js'].includes(extname(file));
  cpSync('src', 'dist/src', { recursive: true, filter: isAsset });
} else if (!existsSync('dist/src/cli/main.js')) {
  console.error('wxrelay is not built, and TypeScript is not installed: run "npm install" without --omit=dev once.');
  process.exit(1);
}
