import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of records. One that is still written to grows; the others came from an earlier process, or are full. */
export interface Segment {
  readonly directory: string;
  readonly name: string;
  /** Bytes that are safe on disk. */
  size: number;
  /** How far it has been replayed. */
  offset: number;
}

/** The segment that is being written. */
export interface OpenSegment extends Segment {
  /** Resolves once the bytes are on disk, without counting them; after an error nothing may be written here any more. */
  write(bytes: Buffer): Promise<void>;
  close(): Promise<void>;
}

const NAME = /^\d{8}\.log$/;
export const segmentName = (number: number) => `${String(number).padStart(8, '0')}.log`;
export const isSegmentName = (name: string) => NAME.test(name);

export async function createSegment(directory: string, name: string): Promise<OpenSegment> {
  const file = await open(join(directory, name), 'ax', 0o600);
  try {
    await syncDirectory(directory);
  } catch (error) {
    await file.close();
    throw error;
  }
  const segment: OpenSegment = {
    directory,
    name,
    size: 0,
    offset: 0,
    async write(bytes) {
      try {
        await file.appendFile(bytes);
        await file.datasync();
      } catch (error) {
        // What was half written must not stand where another process may read it.
        await file.truncate(segment.size).catch(() => undefined);
        throw error;
      }
    },
    close: () => file.close(),
  };
  return segment;
}

/** Its records from where replaying stands. */
export async function readSegment({ directory, name, size, offset }: Segment): Promise<Buffer> {
  const file = await open(join(directory, name), 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - offset), 0, size - offset, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

export const eraseSegment = ({ directory, name }: Segment) => unlink(join(directory, name));

/** A new file's name is safe only once its directory is. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } catch (error) {
    // Windows cannot sync directories.
    if (process.platform !== 'win32') throw error;
  } finally {
    await directory.close();
  }
}
