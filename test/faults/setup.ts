import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { tableOf } from './report.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Where each row notes its figures. */
    report: string;
  }
}

/** The file in which the rows meet; each has a Redis of its own, to be killed. */
export default function setup(project: TestProject): () => void {
  const dir = mkdtempSync(join(tmpdir(), 'wxrelay-faults-'));
  const report = join(dir, 'rows');
  writeFileSync(report, '');
  project.provide('report', report);
  return () => {
    console.log(`\n${tableOf(report)}\n`);
    rmSync(dir, { recursive: true, force: true });
  };
}
