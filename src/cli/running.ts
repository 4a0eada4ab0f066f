// What a running `wxrelay start` tells the commands of a second terminal, which find it by the data folder.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { isRunning } from '../is-running.ts';
import { writePrivateFile } from '../private-file.ts';

/**
 * The settings that it runs with: where its private Redis is, with the password, and the account of its simulator where it made
 * these up; of what it was given, only what is no secret.
 */
export type RunningSettings = Readonly<Record<string, string>>;

const note = z.object({ pid: z.number().int().positive(), settings: z.record(z.string(), z.string()) });

const fileIn = (dataDir: string) => join(dataDir, 'running.json');

/** Leaves the settings for others, readable by this user alone, until this process ends. */
export function writeRunning(dataDir: string, settings: RunningSettings): void {
  writePrivateFile(fileIn(dataDir), `${JSON.stringify({ pid: process.pid, settings }, null, 2)}\n`);
  process.once('exit', () => {
    if (readNote(dataDir)?.pid === process.pid) rmSync(fileIn(dataDir), { force: true });
  });
}

/** Those of the `wxrelay start` that runs now on this data folder; undefined where none does. */
export function readRunning(dataDir: string): RunningSettings | undefined {
  const found = readNote(dataDir);
  return found && isRunning(found.pid) ? found.settings : undefined;
}

function readNote(dataDir: string): z.infer<typeof note> | undefined {
  try {
    return note.safeParse(JSON.parse(readFileSync(fileIn(dataDir), 'utf8'))).data;
  } catch {
    return undefined; // none, or one that was cut off
  }
}
