/** One line a minute at most for each key, however often its event comes. */
const MERGED_FOR = 60_000;

/** Writes a line that stands for `count` events. */
type Write = (count: number) => void;

/**
 * For log lines that anybody outside can cause, and so flood. The first event of a key is written at once; those that follow within
 * a minute are counted, and written as one line at its end. There must be a fixed number of keys.
 */
export function mergeLines(): (key: string, write: Write) => void {
  const counting = new Map<string, { count: number; write: Write }>();
  const startMinute = (key: string) =>
    setTimeout(() => {
      const { count, write } = counting.get(key) as { count: number; write: Write };
      counting.delete(key);
      if (count === 0) return;
      write(count);
      counting.set(key, { count: 0, write });
      startMinute(key);
    }, MERGED_FOR).unref();
  return (key, write) => {
    const running = counting.get(key);
    if (running) {
      running.count++;
      running.write = write;
      return;
    }
    counting.set(key, { count: 0, write });
    startMinute(key);
    write(1);
  };
}
