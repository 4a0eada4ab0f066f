import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.ts';

const MAIN = new URL('../../dist/src/cli/main.js', import.meta.url).pathname;

export interface Child {
  readonly process: ChildProcess;
  /** What it has printed so far, a line each. */
  readonly lines: string[];
  /** The events logged so far. */
  events(name: string): Record<string, unknown>[];
  kill(signal: NodeJS.Signals): void;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** Starts one `wxrelay` command as a process of its own, as a user would. */
export function startChild(args: readonly string[], env: Record<string, string>, cwd?: string): Child {
  const process_ = spawn(process.execPath, [MAIN, ...args], {
    // Newer Nodes load what they have compiled before.
    env: {
      NODE_COMPILE_CACHE: join(tmpdir(), 'wxrelay-compiled'),
      PATH: process.env['PATH'] ?? '',
      HOME: process.env['HOME'] ?? '',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd ? { cwd } : {}),
  });
  const lines: string[] = [];
  for (const stream of [process_.stdout, process_.stderr]) {
    let rest = '';
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
    });
  }
  return {
    process: process_,
    lines,
    events: (name) => lines.flatMap((line) => parse(line)).filter((entry) => entry['event'] === name),
    kill: (signal) => void process_.kill(signal),
    ended: new Promise((resolve) => process_.once('exit', (code, signal) => resolve(signal ?? code ?? 0))),
  };
}

export const untilLogged = (child: Child, event: string) =>
  eventually(() => {
    const [first] = child.events(event);
    if (!first) throw new Error(`${event} was not logged; there is:\n${child.lines.slice(-20).join('\n')}`);
    return first;
  });

function parse(line: string): Record<string, unknown>[] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}
