import { defineConfig } from 'vitest/config';

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
      {
        test: {
          ...shared,
          name: 'all',
          include: ['test/**/*.test.ts'],
          exclude: ['test/faults/**', ...HELD],
          // More than there are cores, for the tests wait more than they work.
          maxWorkers: 4,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: { ...shared, name: 'held', include: HELD, maxWorkers: 3, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
