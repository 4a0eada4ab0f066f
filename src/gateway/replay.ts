import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What has gone by of a body, to be read once more. */
export interface Replay {
  /** Resolves once the disk has it, so that no more is read than that takes. */
  write(chunk: Buffer): Promise<void>;
  /** All that was written; `undefined` where the disk would not take it. */
  read(): Promise<AsyncIterable<Buffer> | undefined>;
  close(): Promise<void>;
}

/** A file that has no name any more as soon as it is open: it goes with its process, whatever ends that. */
export function openReplay(): Replay {
  const opening = openNameless();
  let writing = Promise.resolve();
  let size = 0;
  let isWhole = true;
  opening.catch(() => undefined);
  return {
    write(chunk) {
      const at = size;
      size += chunk.length;
      writing = writing
        .then(async () => void (isWhole && (await (await opening).write(chunk, 0, chunk.length, at))))
        .catch(() => {
          isWhole = false;
        });
      return writing;
    },
    async read() {
      await writing;
      return isWhole ? (await opening).createReadStream({ start: 0, autoClose: false }) : undefined;
    },
    async close() {
      isWhole = false;
      await writing;
      await opening.then((file) => file.close()).catch(() => undefined);
    },
  };
}

async function openNameless(): Promise<FileHandle> {
  const path = join(tmpdir(), `wxrelay-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  // Where an open file keeps its name, the system's own cleaning has to do.
  await rm(path).catch(() => undefined);
  return file;
}
