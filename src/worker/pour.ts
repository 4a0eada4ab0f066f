/** Whether a handler's answer comes in parts. */
export const isStream = (answer: unknown): answer is AsyncIterable<unknown> =>
  typeof answer === 'object' && answer !== null && Symbol.asyncIterator in answer;

/**
 * Hands on what a generator yields, one after the other. Once the run is stopped, what still comes is dropped: it may be the
 * beginning of something that was cut off, and the next run makes it again.
 */
export async function pour(
  stream: AsyncIterable<unknown>,
  say: (said: unknown) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const iterator = stream[Symbol.asyncIterator]();
  let ended = false;
  try {
    while (!ended) {
      const { value, done = false } = await iterator.next();
      ended = done;
      signal.throwIfAborted();
      // What a generator returns is said too.
      await say(value);
      signal.throwIfAborted();
    }
  } finally {
    if (!ended) await iterator.return?.();
  }
}
