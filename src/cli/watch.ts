import { existsSync, readFileSync, watch } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ConfigError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { filesOf } from './import-graph.ts';
import { defaultHandlersFile } from './load-handlers.ts';
import type { ProcessName, Supervisor } from './supervisor.ts';

const ALL: readonly ProcessName[] = ['receiver', 'worker', 'monitor', 'simulator'];
/** The monitor reads in them which queues there are. */
const WITH_HANDLERS: readonly ProcessName[] = ['receiver', 'worker', 'monitor'];
/** An editor saves a file in several steps. Milliseconds. */
const SETTLE = 60;

const SOURCES = fileURLToPath(new URL('..', import.meta.url));
const CLONE = fileURLToPath(new URL('../../../tsconfig.build.json', import.meta.url));

/** Only in a clone is there anything that compiles what is saved. */
export function checkWatchable(): void {
  if (existsSync(CLONE) || extname(import.meta.url) === '.ts') return;
  throw new ConfigError([
    '--watch belongs to `npm run dev` in a clone of wxrelay, which compiles what is saved; an installed package has nothing to watch: start it again after a change.',
  ]);
}

/** Restarts the processes that a saved file is part of. */
export function watchSources(supervisor: Supervisor, handlersFile: string | undefined, log: Logger): void {
  const handlers = handlersFile ? resolve(handlersFile) : defaultHandlersFile();
  const saved = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const restart = () => {
    const parts = createParts(handlers);
    const processes = ALL.filter((name) => [...saved].some((file) => parts(file).includes(name)));
    saved.clear();
    log.info({ processes }, 'sources.changed');
    void supervisor.restart(processes);
  };
  for (const folder of [dirname(handlers), SOURCES])
    watch(folder, { recursive: true }, (_, file) => {
      if (!file || !/\.(ts|js|mjs|lua|html|css)$/.test(file)) return;
      saved.add(join(folder, file));
      clearTimeout(timer);
      timer = setTimeout(restart, SETTLE);
    });
}

/** Which processes a file is part of, by what each of them imports now. */
export function createParts(handlers: string): (file: string) => readonly ProcessName[] {
  const extension = extname(import.meta.url);
  const command = (name: string) => join(SOURCES, `cli/${name}${extension}`);
  const frontDoor = join(SOURCES, `index${extension}`);
  const ofAll = filesOf(command('program'), { frontDoor, lazily: false });
  const ofHandlers = filesOf(handlers, { frontDoor, lazily: true });
  const graphs = ALL.map((name) => {
    const own = filesOf(command(name), { frontDoor, lazily: true });
    return { name, files: [...ofAll, ...own, ...(WITH_HANDLERS.includes(name) ? ofHandlers : [])] };
  });
  const handlersFolder = `${dirname(handlers)}/`;
  return (file) => {
    if (file.startsWith(handlersFolder)) return WITH_HANDLERS;
    const isCode = /\.(ts|js|mjs)$/.test(file) && !file.includes('/page/');
    return graphs
      .filter(({ files }) => files.some((one) => (isCode ? one === file : reads(one, dirname(file)))))
      .map(({ name }) => name);
  };
}

/** What is no code is read by code of the folder above, which names its folder. */
const reads = (code: string, folder: string) =>
  dirname(code) === dirname(folder) && readFileSync(code, 'utf8').includes(`./${basename(folder)}/`);
