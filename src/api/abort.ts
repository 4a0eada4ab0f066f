/** What is waited for, or the signal's reason if that comes first: then the rest goes on for others who wait for it. */
export async function unlessAborted<T>(signal: AbortSignal | undefined, waiting: Promise<T>): Promise<T> {
  if (!signal) return waiting;
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([waiting, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
