import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { isatty } from 'node:tty';
import { ConfigError, toError } from '../errors.ts';
import { writePrivateFile } from '../private-file.ts';
import { print, printError } from './print.ts';

interface Asked {
  readonly json: boolean | undefined;
  readonly dataDir: string;
  /** Of the monitor, where none was given. */
  readonly madeUpPassword: string | undefined;
}

/**
 * Prints where to look: on stdout for a person, else on stderr, for then stdout is JSON lines. Only a terminal is told a password:
 * what is piped is a log, so there it says which file, for its owner alone, holds it while this process runs.
 */
export function printWhereToLook(
  { json, dataDir, madeUpPassword }: Asked,
  textWith: (password: string) => string,
): void {
  const fd = isatty(1) && !json ? 1 : 2;
  (fd === 1 ? print : printError)(
    textWith(madeUpPassword ? tell(madeUpPassword, isatty(fd), dataDir) : 'password: MONITOR_PASSWORD'),
  );
}

function tell(password: string, toPerson: boolean, dataDir: string): string {
  if (toPerson) return `any user, password: ${password}`;
  const file = join(dataDir, 'monitor-password');
  try {
    writePrivateFile(file, `${password}\n`);
  } catch (error) {
    throw new ConfigError([
      `MONITOR_PASSWORD is not set, and one for this run cannot be left in ${file}: ${toError(error).message}`,
    ]);
  }
  process.once('exit', () => rmSync(file, { force: true }));
  return `any user, password: in ${file}`;
}
