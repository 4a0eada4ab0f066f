// Processes, started with an IPC channel: over it they say when they are ready, and by its end they end with us.
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

/** Processes that have not ended, so that an interrupted run leaves none behind. */
const living = new Set();

/**
 * Starts a Node program that sends `{ phase: 'ready', … }`.
 *
 * @param {string[]} args
 * @param {{ env?: Record<string, string>, dir: string, name: string }} options `dir`: where it runs and its output goes
 */
export async function startChild(args, { env = {}, dir, name }) {
  const output = `${dir}/${name}.log`;
  const fd = openSync(output, 'w');
  const child = spawn(process.execPath, args, {
    cwd: dir,
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...env },
    stdio: ['ignore', fd, fd, 'ipc'],
    // In a group of its own: Ctrl-C is for the benchmark, which stops what it started.
    detached: true,
  });
  closeSync(fd);
  living.add(child);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.once('exit', () => living.delete(child));
  const ready = new Promise((resolve) => {
    child.on('message', (message) => message.phase === 'ready' && resolve(message));
  });
  const message = await Promise.race([ready, ended.then(() => undefined)]);
  if (!message) throw new Error(`${name} ended before it was ready:\n${readFileSync(output, 'utf8').slice(-2000)}`);
  return {
    child,
    pid: child.pid,
    ready: message,
    async stop() {
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(force);
    },
  };
}

export function killAll() {
  for (const child of living) child.kill('SIGKILL');
}
