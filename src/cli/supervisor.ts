import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Logger } from '../log.ts';
import { EXIT } from './exit-codes.ts';
import { onParentDeath, type Phase } from './foreground.ts';
import { createStartErrors } from './start-errors.ts';

export type ProcessName = 'receiver' | 'worker' | 'monitor' | 'simulator' | 'redis';

export interface Supervisor {
  /** Starts a process and keeps it running; resolves with what it said when it was ready. */
  run(name: ProcessName, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Readonly<Record<string, unknown>>>;
  /**
   * Starts a second one of each, and when that has loaded tells the first to stop, so that hardly a moment is without one. Where one
   * cannot be started, the old one goes on.
   */
  restart(names: readonly ProcessName[]): Promise<void>;
  stopOnSignal(): void;
}

interface Running {
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  child: ChildProcess;
}

const STOP_ORDER: readonly ProcessName[] = ['receiver', 'worker', 'monitor', 'simulator', 'redis'];
const START_AGAIN = 1000;
const OLD_GOES_ON = 'process.not_restarted: the code as it was before goes on';
/** Longer than a worker drains. */
const END_WITHIN = 30_000;

/** Runs the processes of `wxrelay start`, each in a process group of its own, so that one Ctrl-C reaches only this one. */
export function createSupervisor(log: Logger): Supervisor {
  const running = new Map<ProcessName, Running>();
  const leaving = new Set<ChildProcess>();
  const errors = createStartErrors();
  let stopping = false;

  const launch = (name: ProcessName, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess => {
    const main = fileURLToPath(new URL(`./main${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url));
    const child = spawn(process.execPath, [...process.execArgv, main, ...args], {
      env,
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      detached: true,
    });
    errors.hold(child);
    child.on('close', (code, signal) => onExit(name, child, code, signal));
    return child;
  };

  const onExit = async (name: ProcessName, child: ChildProcess, code: number | null, signal: NodeJS.Signals | null) => {
    const current = running.get(name);
    if (leaving.delete(child) || stopping || current?.child !== child) return;
    if (code === EXIT.wrongSetup) return void stopAll(EXIT.wrongSetup);
    log.error({ name, code, signal }, 'process.died');
    await sleep(START_AGAIN);
    if (!stopping && current.child === child) current.child = launch(name, current.args, current.env);
  };

  const stopAll = async (exitCode: number) => {
    if (stopping) return;
    stopping = true;
    for (const name of STOP_ORDER) {
      const child = running.get(name)?.child;
      if (child) await end(child);
    }
    await Promise.all([...leaving].map(end));
    process.exit(exitCode);
  };

  /** False where the fresh one has ended before it had loaded. */
  const replace = async (name: ProcessName): Promise<boolean | undefined> => {
    const current = running.get(name);
    if (!current || stopping) return undefined;
    const fresh = launch(name, current.args, current.env);
    leaving.add(fresh);
    const ended = new Promise<false>((resolve) => fresh.once('close', () => resolve(false)));
    if (!(await Promise.race([until(fresh, 'loaded'), ended]))) return stopping ? undefined : false;
    // From here on the new one is the process of that name; the old one finishes what it has begun.
    leaving.delete(fresh);
    leaving.add(current.child);
    current.child.kill('SIGTERM');
    current.child = fresh;
    log.info({ name }, 'process.restarted');
    return true;
  };

  return {
    async run(name, args, env) {
      const child = launch(name, args, env);
      running.set(name, { args, env, child });
      return until(child, 'ready');
    },
    async restart(names) {
      errors.clear();
      const restarted = await Promise.all(names.map(replace));
      const old = names.filter((_, index) => restarted[index] === false);
      if (old.length > 0) log.error({ processes: old }, OLD_GOES_ON);
    },
    stopOnSignal() {
      const onSignal = () => {
        if (stopping) {
          for (const { child } of running.values()) kill(child);
          process.exit(1);
        }
        void stopAll(0);
      };
      process.on('SIGINT', onSignal);
      process.on('SIGTERM', onSignal);
      onParentDeath(() => stopping || onSignal());
    },
  };
}

/** Resolves with the message of a phase. A child that ends first never does: its end is handled elsewhere. */
function until(child: ChildProcess, phase: Phase['phase']): Promise<Readonly<Record<string, unknown>>> {
  return new Promise((resolve) => {
    child.on('message', (message: Phase) => message.phase === phase && resolve(message));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(kill, END_WITHIN, child);
  await ended;
  clearTimeout(timer);
}

function kill(child: ChildProcess): void {
  try {
    process.kill(-(child.pid as number), 'SIGKILL');
  } catch {
    // it has ended by itself
  }
}
