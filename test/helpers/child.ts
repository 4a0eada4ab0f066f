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

const environment = (env: Record<string, string>) => ({
  // Newer Nodes load what they have compiled before.
  NODE_COMPILE_CACHE: join(tmpdir(), 'wxrelay-compiled'),
  PATH: process.env['PATH'] ?? '',
  HOME: process.env['HOME'] ?? '',
  ...env,
});

/** Starts one `wxrelay` command as a process of its own, as a user would. */
export function startChild(args: readonly string[], env: Record<string, string>, cwd?: string): Child {
  const process_ = spawn(process.execPath, [MAIN, ...args], {
    env: environment(env),
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

/** Starts one at a terminal, which `script` of util-linux makes: stdin and stdout of the command are that. */
export function startAtTerminal(args: readonly string[], env: Record<string, string>) {
  const quoted = [process.execPath, MAIN, ...args].map((word) => `'${word}'`).join(' ');
  const process_ = spawn('script', ['--quiet', '--return', '--command', quoted, '/dev/null'], {
    env: environment(env),
    cwd: tmpdir(),
  });
  let output = '';
  process_.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  return {
    output: () => output,
    type: (keys: string) => void process_.stdin.write(keys),
    ended: new Promise<number | null>((resolve) => process_.once('close', resolve)),
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
