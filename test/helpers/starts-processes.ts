import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** What starts processes: a program, a browser, a Redis, one of ours. */
const STARTER = /^node:child_process$|\/helpers\/(browser|child|redis-server)\.ts$/;
const IMPORT = /\bfrom '([^']+)'|\bimport\('([^']+)'\)/g;

/** Whether a test file can start processes of its own, by what it and the files of test/ behind it import. */
export function startsProcesses(file: string, seen = new Set<string>()): boolean {
  if (seen.has(file) || !existsSync(file)) return false;
  seen.add(file);
  return [...readFileSync(file, 'utf8').matchAll(IMPORT)]
    .map(([, name, later]) => name ?? later ?? '')
    .map((name) => (name.startsWith('.') ? resolve(dirname(file), name) : name))
    .some((name) => STARTER.test(name) || (name.includes('/test/') && startsProcesses(name, seen)));
}
