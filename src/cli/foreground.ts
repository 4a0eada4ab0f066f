import type { Logger } from '../log.ts';

/** What a supervisor is told: `loaded` before a port is taken or work begun, `ready` when all is. */
export type Phase = { readonly phase: 'loaded' } | { readonly phase: 'ready'; readonly [fact: string]: unknown };

/** A supervisor that has died in the meantime is no error here: `stopOnSignal` sees to that. */
export const tellSupervisor = (phase: Phase) => process.send?.(phase, undefined, undefined, () => {});

/** Milliseconds. */
const LOOK_FOR_PARENT = 500;

/**
 * Calls `then` when the parent dies: the supervisor, or `npm run`, which ends on SIGTERM and leaves what it has started behind.
 * Returns how to stop that.
 */
export function onParentDeath(then: () => void): () => void {
  process.on('disconnect', then);
  // It may have died while this process was starting.
  if (process.send && !process.connected) then();
  const byNpm = !process.send && startedByNpm(process.env) ? watchParent(then) : undefined;
  return () => {
    process.off('disconnect', then);
    clearInterval(byNpm);
  };
}

/** What a script of npm leaves in the background on purpose stays. */
export const startedByNpm = ({ npm_lifecycle_script: script }: NodeJS.ProcessEnv): boolean =>
  script !== undefined && !/(^|[^&])&\s*$|\b(nohup|setsid)\b/.test(script);

function watchParent(then: () => void): NodeJS.Timeout {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    then();
  }, LOOK_FOR_PARENT);
  return timer.unref();
}

let stopWatching: (() => void) | undefined;

/** Until there is something to stop: a process that starts, and perhaps waits for Redis, ends with its parent. */
export function startUnderSupervisor(): void {
  stopWatching = onParentDeath(() => process.exit());
  tellSupervisor({ phase: 'loaded' });
}

/**
 * Keeps a process in the foreground until it is told to stop: one signal drains, a second one forces. It ends too when
 * its parent has died. Returns whether it is stopping.
 */
export function stopOnSignal(stop: () => Promise<void>, log: Logger): () => boolean {
  let stopping = false;
  const onSignal = () => {
    if (stopping) {
      log.warn('process.forced');
      process.exit(1);
    }
    stopping = true;
    stop().then(
      () => process.exit(0),
      (error) => {
        log.error({ err: error }, 'process.stop_failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
  stopWatching?.();
  onParentDeath(() => stopping || onSignal());
  return () => stopping;
}
