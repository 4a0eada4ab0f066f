// What every Node that knows modules can read: an old one is told so, and loads nothing of what it would stumble over.

/** Exit code of a wrong setup; ./exit-codes.ts may not be loaded yet. */
const WRONG_SETUP = 78;

/** Whether package.json's "engines" takes this version. */
export function isRecent(version: string): boolean {
  const [major, minor] = version.split('.').map(Number) as [number, number];
  return major > 20 || (major === 20 && minor >= 19);
}

/** Runs one command of `wxrelay` in this process. */
export function run(args: readonly string[], version: string = process.versions.node): void {
  if (!isRecent(version)) {
    console.error(`wxrelay needs Node 22 or newer (20.19 is the oldest that runs); this is Node ${version}.`);
    process.exitCode = WRONG_SETUP;
    return;
  }
  Promise.all([import('./program.ts'), import('./last-words.ts')])
    .then(([{ runCommand }, { endOnUncaught }]) => {
      endOnUncaught();
      return runCommand(args);
    })
    .then((isFine) => {
      // What was begun before a problem of the setup was found must not keep the process.
      if (!isFine) setImmediate(() => process.exit());
    });
}
