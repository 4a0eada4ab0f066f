import { watch } from 'node:fs';
import { dirname, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from '../log.ts';
import { defaultHandlersFile } from './load-handlers.ts';
import type { ProcessName, Supervisor } from './supervisor.ts';

/** Which processes a folder of `src` is part of; what is not named here is part of all. */
const PARTS: Readonly<Record<string, readonly ProcessName[]>> = {
  receiver: ['receiver'],
  worker: ['worker'],
  api: ['worker'],
  delivery: ['worker'],
  monitor: ['monitor'],
  // `wxrelay start` runs none.
  gateway: [],
  simulator: ['simulator'],
};
const ALL: readonly ProcessName[] = ['receiver', 'worker', 'monitor', 'simulator'];
const HANDLING: readonly ProcessName[] = ['receiver', 'worker'];
/** An editor saves a file in several steps. Milliseconds. */
const SETTLE = 60;

/** Restarts the processes that a saved file is part of. */
export function watchSources(supervisor: Supervisor, handlersFile: string | undefined, log: Logger): void {
  const waiting = new Set<ProcessName>();
  let timer: NodeJS.Timeout | undefined;
  const touch = (names: readonly ProcessName[]) => {
    for (const name of names) waiting.add(name);
    clearTimeout(timer);
    timer = setTimeout(() => {
      log.info({ processes: [...waiting] }, 'sources.changed');
      for (const name of waiting) supervisor.restart(name);
      waiting.clear();
    }, SETTLE);
  };
  const handlers = dirname(handlersFile ? resolve(handlersFile) : defaultHandlersFile());
  watch(handlers, { recursive: true }, (_, file) => file && isSource(file) && touch(HANDLING));
  const sources = fileURLToPath(new URL('..', import.meta.url));
  watch(sources, { recursive: true }, (_, file) => file && isSource(file) && touch(partsOf(file)));
}

const isSource = (file: string) => /\.(ts|js|mjs|lua|html|css)$/.test(file);

const partsOf = (file: string) => PARTS[file.split(sep)[0] ?? ''] ?? ALL;
