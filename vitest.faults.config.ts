import { defineConfig } from 'vitest/config';

const shared = { globalSetup: ['test/faults/setup.ts'], hookTimeout: 60_000, disableConsoleIntercept: true };

/** Short forms of two of the soaks, in which all is as in the long ones but the time. */
const short = { SOAK_KILLS: '20', SOAK_KILLS_RATE: '100', SOAK_AWAY: '20' };

// `npm run test:faults` runs the matrix, `npm run soak` its long forms; `npm test` runs neither.
export default defineConfig({
  test: {
    // The rows wait for locks to lapse and for outages to end more than they work.
    maxWorkers: 6,
    projects: [
      {
        test: {
          ...shared,
          name: 'matrix',
          include: ['test/faults/*.test.ts', 'test/faults/soak/{kills,away}.soak.ts'],
          env: short,
        },
      },
      { test: { ...shared, name: 'soak', include: ['test/faults/soak/*.soak.ts'] } },
    ],
  },
});
