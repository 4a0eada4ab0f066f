import type { Logger } from '../log.ts';

/** What a supervisor is told: `loaded` before a port is taken or work begun, `ready` when all is. */
export type Phase = { readonly phase: 'loaded' } | { readonly phase: 'ready'; readonly [fact: string]: unknown };

/** A supervisor that has died in the meantime is no error here: `stopOnSignal` sees to that. */
export const tellSupervisor = (phase: Phase) => process.send?.(phase, undefined, undefined, () => {});

/** Until there is something to stop: a process that starts, and perhaps waits for Redis, ends with its supervisor. */
export function startUnderSupervisor(): void {
  process.on('disconnect', leave);
  if (process.send && !process.connected) leave();
  tellSupervisor({ phase: 'loaded' });
}
const leave = () => process.exit();

/**
 * Keeps a process in the foreground until it is told to stop: one signal drains, a second one forces. It ends too when
 * the supervisor that started it has died. Returns whether it is stopping.
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
  process.off('disconnect', leave);
  process.on('disconnect', () => stopping || onSignal());
  // It may have died while this process was starting.
  if (process.send && !process.connected) onSignal();
  return () => stopping;
}
