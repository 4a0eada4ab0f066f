import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { findOnPath } from '../../src/cli/embedded-redis.ts';
import { tableOf } from './report.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where each row notes its figures. */
    report: string;
  }
}

/** Every row has a Redis of its own, to be killed; here is only the file in which the rows meet. */
export default function setup(project: TestProject): () => void {
  const dir = mkdtempSync(join(tmpdir(), 'wxrelay-faults-'));
  const report = join(dir, 'rows');
  writeFileSync(report, '');
  const realRedis = findOnPath(['valkey-server', 'redis-server']) !== undefined;
  if (!realRedis) console.warn('No redis-server on the PATH: the fault matrix needs one to kill, and is skipped.');
  project.provide('realRedis', realRedis);
  project.provide('report', report);
  return () => {
    console.log(`\n${tableOf(report)}\n`);
    rmSync(dir, { recursive: true, force: true });
  };
}
