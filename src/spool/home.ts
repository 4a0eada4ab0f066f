// The directory in which one process spools, and how another tells that its process is gone.
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { access, mkdir, readdir, readFile, rename, rmdir, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { isRunning } from '../is-running.ts';
import { isSegmentName, type Segment, syncDirectory } from './segment.ts';

/** Who writes in a directory: its `alive` file, touched every few seconds. */
interface Owner {
  /** Only receivers of the same installation adopt each other's pushes. */
  readonly scope: string;
  readonly pid: number;
  readonly host: string;
  /** Milliseconds since 1970. */
  readonly since: number;
  /** It has ended properly, and left records. */
  readonly closed?: true;
}

export interface Home {
  readonly path: string;
  /** False once another process has adopted it, thinking this one dead: what is written now, nobody will read. */
  isMine(): Promise<boolean>;
  /** Takes over the directories of processes that are gone. Of two that try, one gets each. */
  adopt(): Promise<string[]>;
  /** Ends the heartbeat. `empty`: removes the directory, else leaves it to be adopted at once. */
  leave(empty: boolean): Promise<void>;
}

const ALIVE = 'alive';
const OFFSET = 'replayed';
const HEARTBEAT = 5000;
/** A directory that has not been touched for so long is a dead process's. */
const SILENCE = 30_000;

export async function openHome(root: string, scope: string): Promise<Home> {
  const path = join(root, randomUUID());
  const owner: Owner = { scope, pid: process.pid, host: hostId(), since: Date.now() };
  await mkdir(root, { recursive: true, mode: 0o700 });
  await mkdir(path, { mode: 0o700 });
  try {
    await writeOwner(path, owner);
    await syncDirectory(root);
    await syncDirectory(dirname(root));
  } catch (error) {
    await removeDirectory(path);
    throw error;
  }
  const beat = () => void utimes(join(path, ALIVE), new Date(), new Date()).catch(() => undefined);
  const timer = setInterval(beat, HEARTBEAT).unref();
  return {
    path,
    isMine: () =>
      access(join(path, ALIVE)).then(
        () => true,
        () => false,
      ),
    async adopt() {
      const adopted = [];
      for (const name of await abandonedIn(root, scope)) {
        if (name === basename(path)) continue;
        try {
          await rename(join(root, name), join(path, name));
          adopted.push(join(path, name));
          adopted.push(...(await moveUp(path, name)));
        } catch {
          // Another was faster.
        }
      }
      return byAge(adopted);
    },
    async leave(empty) {
      clearInterval(timer);
      if (empty) await removeDirectory(path);
      else await writeOwner(path, { ...owner, closed: true });
    },
  };
}

/** Names of the directories whose processes are gone. */
export async function abandonedIn(root: string, scope: string): Promise<string[]> {
  const names = await readdir(root).catch(() => []);
  const abandoned = await Promise.all(names.map((name) => isAbandoned(join(root, name), scope)));
  return names.filter((_, index) => abandoned[index]);
}

async function isAbandoned(path: string, scope: string): Promise<boolean> {
  const owner = await readOwner(path);
  if (owner && owner.scope !== scope) return false;
  if (owner?.closed || (owner?.host === hostId() && !isRunning(owner.pid))) return true;
  const touched = await stat(owner ? join(path, ALIVE) : path).catch(() => undefined);
  return touched !== undefined && Date.now() - touched.mtimeMs > SILENCE;
}

/** What the dead process had itself adopted comes up beside it, so that directories never nest deeper. */
async function moveUp(path: string, name: string): Promise<string[]> {
  const inner = await readdir(join(path, name), { withFileTypes: true });
  const directories = inner.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  for (const directory of directories) await rename(join(path, name, directory), join(path, directory));
  return directories.map((directory) => join(path, directory));
}

async function byAge(paths: string[]): Promise<string[]> {
  const ages = await Promise.all(paths.map(async (path) => ({ path, since: (await readOwner(path))?.since ?? 0 })));
  return ages.sort((a, b) => a.since - b.since).map(({ path }) => path);
}

/** What an adopted directory still holds, oldest first. */
export async function listSegments(directory: string): Promise<Segment[]> {
  const names = (await readdir(directory)).filter(isSegmentName).sort();
  const [done = '', offset = ''] = (await readFile(join(directory, OFFSET), 'utf8').catch(() => '')).split(' ');
  return Promise.all(
    names.map(async (name) => {
      const { size } = await stat(join(directory, name));
      return { directory, name, size, offset: name === done && /^\d+$/.test(offset) ? Number(offset) : 0 };
    }),
  );
}

/** Removes a directory without records. One that holds more than it should stays, and is adopted in time. */
export async function removeDirectory(path: string): Promise<void> {
  for (const name of [OFFSET, `${ALIVE}.new`, ALIVE]) await unlink(join(path, name)).catch(() => undefined);
  await rmdir(path).catch(() => undefined);
}

/** Not synced, and no matter if it is lost: replaying twice does no harm. */
export const noteOffset = ({ directory, name, offset }: Segment) =>
  writeFile(join(directory, OFFSET), `${name} ${offset}`, { mode: 0o600 }).catch(() => undefined);

async function writeOwner(path: string, owner: Owner): Promise<void> {
  const draft = join(path, `${ALIVE}.new`);
  await writeFile(draft, JSON.stringify(owner), { mode: 0o600, flush: true });
  await rename(draft, join(path, ALIVE));
}

const readOwner = (path: string): Promise<Owner | undefined> =>
  readFile(join(path, ALIVE), 'utf8')
    .then(JSON.parse)
    .catch(() => undefined);

let host: string | undefined;

/** Where a pid means the same: containers may share a hostname, and each has a pid 1. */
function hostId(): string {
  const parts = [
    () => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    () => readlinkSync('/proc/self/ns/pid'),
  ].map((read) => {
    try {
      return read();
    } catch {
      return ''; // not Linux
    }
  });
  host ??= [hostname(), ...parts].join(' ');
  return host;
}
