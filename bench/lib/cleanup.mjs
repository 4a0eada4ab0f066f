import { killAll } from './child.mjs';

const steps = [];

/** Runs at the end, last one first, however the run ends. */
export const atEnd = (step) => steps.push(step);

let cleaning;

/** What fails from then on fails because its processes are being stopped. */
export const isCleaningUp = () => cleaning !== undefined;

/** Calling it twice is harmless. */
export function cleanUp() {
  cleaning ??= runSteps();
  return cleaning;
}

async function runSteps() {
  while (steps.length > 0) {
    try {
      await steps.pop()();
    } catch (error) {
      console.error(error);
    }
  }
  killAll();
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
])
  process.on(signal, () => cleanUp().finally(() => process.exit(code)));
