import { defineConfig } from 'vitest/config';

const shared = { globalSetup: ['test/faults/setup.ts'], hookTimeout: 60_000, disableConsoleIntercept: true };

// `npm run test:faults` runs the matrix, `npm run soak` its long forms; `npm test` runs neither.
export default defineConfig({
  test: {
    // One for each core: a row in which an attempt of a push runs into five seconds has failed.
    maxWorkers: 2,
    projects: [
      { test: { ...shared, name: 'matrix', include: ['test/faults/*.test.ts'] } },
      { test: { ...shared, name: 'soak', include: ['test/faults/soak/*.soak.ts'] } },
    ],
  },
});
