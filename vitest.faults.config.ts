import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const shared = { globalSetup: ['test/faults/setup.ts'], hookTimeout: 60_000, disableConsoleIntercept: true };

/** Four minutes of waiting for locks to lapse are best begun at once. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const sorted = await super.sort(files);
    return sorted.sort((a, b) => Number(b.moduleId.includes('poison')) - Number(a.moduleId.includes('poison')));
  }
}

// `npm run test:faults` runs the matrix, `npm run soak` its long forms; `npm test` runs neither.
export default defineConfig({
  test: {
    // The rows wait for locks to lapse and for outages to end more than they work.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: { ...shared, name: 'matrix', include: ['test/faults/*.test.ts'] } },
      { test: { ...shared, name: 'soak', include: ['test/faults/soak/*.soak.ts'] } },
    ],
  },
});
