import { toError } from '../errors.ts';

/** What is waited for; or an error of the signal's reason if that comes first, while the rest goes on for whoever else waits. */
export async function unlessAborted<T>(
  signal: AbortSignal | undefined,
  waiting: Promise<T>,
  errorOf = (reason: Error) => reason,
): Promise<T> {
  if (!signal) return waiting;
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(errorOf(toError(signal.reason)));
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([waiting, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
