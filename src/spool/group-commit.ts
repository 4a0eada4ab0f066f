/** Writes in order, and in groups: all that comes in one tick, and all that comes while a group is written, shares one write. */
export interface GroupCommit {
  /** Nothing waits and nothing is being written. */
  readonly isIdle: boolean;
  append(bytes: Buffer): Promise<void>;
  /** Runs something between two groups. */
  between(task: () => Promise<void>): Promise<void>;
}

interface Waiting {
  readonly bytes: Buffer;
  resolve(): void;
  reject(error: unknown): void;
}

export function createGroupCommit(write: (bytes: Buffer) => Promise<void>): GroupCommit {
  let waiting: Waiting[] = [];
  let tasks: (() => Promise<void>)[] = [];
  let busy = false;

  const settle = async (group: Waiting[]) => {
    try {
      await write(Buffer.concat(group.map(({ bytes }) => bytes)));
      for (const { resolve } of group) resolve();
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  };
  const work = async () => {
    while (waiting.length > 0 || tasks.length > 0) {
      const [group, due] = [waiting, tasks];
      waiting = [];
      tasks = [];
      if (group.length > 0) await settle(group);
      for (const task of due) await task();
    }
    busy = false;
  };
  const start = () => {
    if (busy) return;
    busy = true;
    setImmediate(work);
  };

  return {
    get isIdle() {
      return !busy;
    },
    append(bytes) {
      start();
      return new Promise((resolve, reject) => waiting.push({ bytes, resolve, reject }));
    },
    between(task) {
      start();
      return new Promise((resolve, reject) => tasks.push(() => task().then(resolve, reject)));
    },
  };
}
