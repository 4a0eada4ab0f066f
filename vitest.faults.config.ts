import { defineConfig } from 'vitest/config';

const shared = {
  globalSetup: ['test/helpers/global-setup.ts', 'test/faults/setup.ts'],
  testTimeout: 120_000,
  hookTimeout: 60_000,
  maxConcurrency: 3,
  disableConsoleIntercept: true,
};

// `npm run test:faults` runs the matrix, `npm run soak` its long forms; `npm test` runs neither.
export default defineConfig({
  test: {
    // Few: a row in which an attempt of a push runs into five seconds has failed.
    maxWorkers: 3,
    projects: [
      { test: { ...shared, name: 'matrix', include: ['test/faults/*.test.ts'] } },
      { test: { ...shared, name: 'soak', include: ['test/faults/soak/*.soak.ts'] } },
    ],
  },
});
