// Records kept on local disk, in order, until somebody takes them: each is on disk before its append resolves.
import { toError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { encodeFrame, readFrame } from './frame.ts';
import { createGroupCommit } from './group-commit.ts';
import { abandonedIn, type Home, listSegments, noteOffset, openHome, removeDirectory } from './home.ts';
import { createSegment, eraseSegment, type OpenSegment, readSegment, type Segment, segmentName } from './segment.ts';

export interface SpoolOptions {
  /** Each process writes in a directory of its own below this one, created when there is something to keep. */
  readonly root: string;
  /** Whose records these are: only processes of the same scope adopt them. */
  readonly scope: string;
  readonly log: Logger;
  /** Bytes on disk. Default 256 MiB. */
  readonly limit?: number;
  /** Bytes after which a new file is begun. Default 4 MiB. */
  readonly segmentSize?: number;
}

export interface Spool<R> {
  /** All is replayed, and nothing is on its way to the disk. */
  readonly isEmpty: boolean;
  /** Resolves once the record is safe on disk; rejects with what the disk said, or a {@link SpoolFullError}. */
  append(record: R): Promise<void>;
  /**
   * Hands over what is kept, oldest first, a chunk at a time, until the end is reached; erases what was taken. Resolves with
   * their number. Rejects as `send` does: the next call goes on with the same chunk.
   */
  replay(send: (records: R[]) => Promise<void>): Promise<number>;
  /** Resolves when all that was appended until now is on disk, or has failed. */
  flush(): Promise<void>;
  /** Takes over what dead processes have left. True if there was something. */
  adopt(): Promise<boolean>;
  /** Leaves nothing on disk, if all is replayed. */
  tidy(): Promise<void>;
  /** Whether a record could be kept now. */
  isWritable(): Promise<boolean>;
  /** What is not replayed stays on disk, for whoever adopts it. */
  close(): Promise<void>;
}

/** The spool has reached its bound. */
export class SpoolFullError extends Error {
  override name = 'SpoolFullError' as const;
}

const CHUNK = 100;

export function createSpool<R>(options: SpoolOptions): Spool<R> {
  const { root, scope, log, limit = 256 * 1024 * 1024, segmentSize = 4 * 1024 * 1024 } = options;
  let home: Promise<Home> | undefined;
  let segments: Segment[] = [];
  let current: OpenSegment | undefined;
  let created = 0;
  let pending = 0;
  let full = false;

  const used = () => segments.reduce((sum, { size }) => sum + size, pending);

  const getHome = () => {
    home ??= openHome(root, scope);
    home.catch(() => {
      home = undefined;
    });
    return home;
  };

  /** Another process took this directory over, and with it all that is in it. */
  const loseHome = async (lost: Home) => {
    home = undefined;
    segments = [];
    await current?.close().catch(() => undefined);
    current = undefined;
    await lost.leave(false).catch(() => undefined);
    log.warn({ directory: lost.path }, 'spool.lost');
  };

  const openSegment = async ({ path }: Home) => {
    if (current && current.size < segmentSize) return current;
    await current?.close();
    current = undefined;
    current = await createSegment(path, segmentName(++created));
    segments.push(current);
    return current;
  };

  const write = async (bytes: Buffer): Promise<void> => {
    for (;;) {
      const mine = await getHome();
      try {
        const segment = await openSegment(mine);
        await segment.write(bytes);
        if (await mine.isMine()) {
          segment.size += bytes.length;
          return;
        }
      } catch (error) {
        const failed = current;
        current = undefined;
        await failed?.close().catch(() => undefined);
        if (failed?.size === 0) await erase(failed).catch(() => undefined);
        if (await mine.isMine()) throw error;
      }
      await loseHome(mine);
    }
  };
  const commits = createGroupCommit(write);

  const isReplayed = () => segments.every(({ size, offset }) => offset >= size);

  const erase = async (segment: Segment) => {
    segments = segments.filter((one) => one !== segment);
    await eraseSegment(segment);
    const others = segments.some(({ directory }) => directory === segment.directory);
    if (!others && segment.directory !== (await home)?.path) await removeDirectory(segment.directory);
  };

  /** Reads the next records of a segment, and where they end. */
  const decode = (segment: Segment, bytes: Buffer, from: number) => {
    const records: R[] = [];
    let at = from;
    while (at < bytes.length && records.length < CHUNK) {
      const found = readFrame(bytes, at);
      const record = found.kind === 'record' ? parse<R>(found.payload) : undefined;
      const place = { file: segment.name, offset: segment.offset + at - from };
      if (record !== undefined) records.push(record);
      else if (found.kind === 'end') log.warn(place, 'spool.torn_tail');
      else log.error(place, 'spool.damaged');
      at = found.kind === 'end' ? bytes.length : found.next;
    }
    return { records, at };
  };

  const replaySegment = async (segment: Segment, send: (records: R[]) => Promise<void>) => {
    const bytes = await readSegment(segment);
    let count = 0;
    for (let at = 0; at < bytes.length; ) {
      const chunk = decode(segment, bytes, at);
      if (chunk.records.length > 0) await send(chunk.records);
      count += chunk.records.length;
      segment.offset += chunk.at - at;
      at = chunk.at;
      await noteOffset(segment);
    }
    return count;
  };

  return {
    get isEmpty() {
      return commits.isIdle && isReplayed();
    },
    async append(record) {
      const frame = encodeFrame(JSON.stringify(record));
      const bytes = used();
      if (bytes + frame.length > limit) {
        if (!full) log.error({ bytes, limit }, 'spool.full');
        full = true;
        throw new SpoolFullError(`the spool holds ${bytes} bytes, and ${limit} is its bound`);
      }
      full = false;
      pending += frame.length;
      await commits.append(frame).finally(() => {
        pending -= frame.length;
      });
    },
    async replay(send) {
      let count = 0;
      for (;;) {
        const segment = segments.find((one) => one.offset < one.size || one !== current);
        if (!segment) return count;
        try {
          if (segment.offset < segment.size) count += await replaySegment(segment, send);
          else await erase(segment);
        } catch (error) {
          const { code, path } = error as NodeJS.ErrnoException;
          if (code !== 'ENOENT' || !path?.startsWith(segment.directory)) throw error;
          const mine = await home;
          if (mine && !(await mine.isMine())) await commits.between(() => loseHome(mine));
          else {
            segments = segments.filter((one) => one !== segment);
            log.error({ file: segment.name }, 'spool.damaged');
          }
        }
      }
    },
    flush: () => commits.between(async () => undefined),
    async adopt() {
      if ((await abandonedIn(root, scope)).length === 0) return false;
      let found: Segment[] = [];
      await commits.between(async () => {
        const directories = await (await getHome()).adopt();
        found = (await Promise.all(directories.map(listSegments))).flat();
        segments = [...found, ...segments];
        for (const directory of directories)
          if (!found.some((one) => one.directory === directory)) await removeDirectory(directory);
        const bytes = found.reduce((sum, { size, offset }) => sum + size - offset, 0);
        if (found.length > 0) log.warn({ directories: directories.length, bytes }, 'spool.adopted');
      });
      return found.length > 0;
    },
    tidy: () =>
      commits.between(async () => {
        const mine = await home;
        if (!mine || !isReplayed()) return;
        await current?.close();
        current = undefined;
        for (const segment of segments) await erase(segment).catch(() => undefined);
        home = undefined;
        await mine.leave(true);
      }),
    async isWritable() {
      try {
        return used() < limit && (await (await getHome()).isMine());
      } catch {
        return false;
      }
    },
    async close() {
      const untidy = (error: unknown) => log.warn({ err: toError(error) }, 'spool.untidy');
      await this.tidy().catch(untidy);
      await current?.close().catch(untidy);
      // On a full disk nothing can be left behind but what is there: it is adopted all the same, for its process is dead.
      await (await home)?.leave(false).catch(untidy);
    },
  };
}

function parse<R>(json: string): R | undefined {
  try {
    return JSON.parse(json) as R;
  } catch {
    return undefined;
  }
}
