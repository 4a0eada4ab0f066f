// Spools on real files, and what their tests need to spoil them.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { createSpool, type Spool, type SpoolOptions } from '../../src/spool/spool.ts';
import { keepingLog } from '../receiver/harness.ts';

export interface Note {
  readonly n: number;
  readonly text?: string;
}

/** A directory for spools, removed when the test ends. */
export function createRoot(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'wxrelay-spool-'));
  t.onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return join(dir, 'spool');
}

export function createNotes(t: TestContext, root: string, options: Partial<SpoolOptions> = {}) {
  const { log, events } = keepingLog();
  const spool = createSpool<Note>({ root, scope: 'test', log, ...options });
  t.onTestFinished(() => spool.close().catch(() => undefined));
  return { spool, events };
}

/** Everything that is left, in the order in which it comes. */
export async function drain(spool: Spool<Note>): Promise<number[]> {
  const seen: number[] = [];
  await spool.replay(async (notes) => void seen.push(...notes.map(({ n }) => n)));
  return seen;
}

export const numbers = (length: number, from = 0): number[] => Array.from({ length }, (_, n) => n + from);

/** All files below a directory. */
export function filesIn(root: string): string[] {
  try {
    return (readdirSync(root, { recursive: true }) as string[])
      .map((name) => join(root, name))
      .filter((path) => statSync(path).isFile());
  } catch {
    return [];
  }
}

export const segmentsIn = (root: string): string[] => filesIn(root).filter((path) => path.endsWith('.log'));

/** Makes a directory look as if its process, on this machine, had been killed. */
export function pretendDead(root: string): void {
  for (const path of filesIn(root).filter((file) => file.endsWith('/alive'))) {
    const owner = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...owner, pid: 2 ** 22 + 1 }));
  }
}

/** Mounts a disk of 128 KiB there; false where that is not allowed. */
export function mountSmallDisk(t: TestContext, path: string): boolean {
  mkdirSync(path, { mode: 0o700, recursive: true });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', path], { stdio: 'ignore' });
  } catch {
    return false;
  }
  t.onTestFinished(() => void execFileSync('umount', ['-l', path]));
  return true;
}
