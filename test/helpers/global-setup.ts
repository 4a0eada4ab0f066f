import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedRedis } from '../../src/cli/embedded-redis.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    redisUrl: string;
    /** A real Redis or Valkey; without one on the PATH, js-redis-server in memory. */
    realRedis: boolean;
  }
}

/** One Redis for the whole run; each test has a prefix of its own in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dir = mkdtempSync(join(tmpdir(), 'wxrelay-test-'));
  const redis = await startEmbeddedRedis(dir, false);
  const realRedis = redis.kind !== 'js-redis-server';
  if (!realRedis)
    console.warn(
      'No redis-server on the PATH: tests run against js-redis-server; those that need a real one are skipped.',
    );
  project.provide('redisUrl', redis.url);
  project.provide('realRedis', realRedis);
  return async () => {
    await redis.stop();
    rmSync(dir, { recursive: true, force: true });
  };
}
