import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from './errors.ts';

/** Tries at the start what would else fail with the first push that has to be kept: a file in the data folder. */
export function checkDataDir(dataDir: string): void {
  const probe = join(dataDir, `.writable.${process.pid}`);
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    writeFileSync(probe, '', { mode: 0o600 });
    rmSync(probe);
  } catch (error) {
    throw new ConfigError([
      `WXRELAY_DATA_DIR: ${dataDir} cannot be written to (${(error as NodeJS.ErrnoException).code}): give this user the right to, or name another folder.`,
    ]);
  }
}
