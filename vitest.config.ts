import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { startsProcesses } from './test/helpers/starts-processes.ts';

const root = fileURLToPath(new URL('.', import.meta.url));
const files = readdirSync(`${root}test`, { recursive: true, encoding: 'utf8' })
  .map((name) => `test/${name}`)
  .filter((file) => file.endsWith('.test.ts') && !file.startsWith('test/faults/'));

/** In these WeChat's five seconds decide what a follower reads: they want a machine that is not busy with others. */
const HELD = [
  'test/flow/holding.test.ts',
  'test/flow/one-handler.test.ts',
  'test/flow/questions.test.ts',
  'test/flow/refused.test.ts',
  'test/flow/sizes.test.ts',
  'test/flow/streaming.test.ts',
  'test/receiver/replies.test.ts',
];

/** `npm run test:fast`: starts no processes, and is run under every Node that we name. */
const FAST = files.filter((file) => !HELD.includes(file) && !startsProcesses(`${root}${file}`));
const OTHERS = files.filter((file) => !HELD.includes(file) && !FAST.includes(file));

const shared = {
  globalSetup: ['test/helpers/global-setup.ts'],
  testTimeout: 120_000,
  hookTimeout: 120_000,
  // Each has processes of its own, and starting one is what costs the most.
  maxConcurrency: 3,
};

export default defineConfig({
  test: {
    projects: [
      // More workers than there are cores, for the tests wait more than they work.
      { test: { ...shared, name: 'fast', include: FAST, maxWorkers: 4, sequence: { groupOrder: 0 } } },
      { test: { ...shared, name: 'processes', include: OTHERS, maxWorkers: 4, sequence: { groupOrder: 0 } } },
      { test: { ...shared, name: 'held', include: HELD, maxWorkers: 3, sequence: { groupOrder: 1 } } },
    ],
  },
});
