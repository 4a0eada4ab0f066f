import { readdirSync, readFileSync } from 'node:fs';

/** Why there are no CPU figures, or undefined where there are. */
export const noCpu = (() => {
  try {
    cpuOf(process.pid);
    return undefined;
  } catch {
    return 'CPU time is read from /proc/<pid>/task/*/schedstat, which this system does not have';
  }
})();

/** CPU microseconds that a process has used so far, user and system, all threads. */
export function cpuMicros(pid) {
  return noCpu ? Number.NaN : cpuOf(pid);
}

// The scheduler's own count, in nanoseconds: /proc/<pid>/stat has the same in steps of 10 ms.
function cpuOf(pid) {
  const tasks = `/proc/${pid}/task`;
  let nanos = 0;
  for (const id of readdirSync(tasks)) nanos += Number(readFileSync(`${tasks}/${id}/schedstat`, 'utf8').split(' ')[0]);
  return nanos / 1000;
}
