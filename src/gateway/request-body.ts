import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';
import { openReplay } from './replay.ts';

/** What a call may weigh; WeChat takes files of 10 MB. */
export const MAX_BODY = 32 * 1024 * 1024;
/** Up to this a body is kept in memory; beyond, it goes through as a stream, and into a file for a repeat with a fresh token. */
export const KEPT_BODY = 256 * 1024;

export type CallBody =
  | { readonly kind: 'kept'; readonly bytes: Buffer }
  | {
      readonly kind: 'stream';
      readonly stream: AsyncIterable<Buffer>;
      readonly length: number | undefined;
      /** The whole once more, whatever became of `stream`; `undefined` where the disk would not take it. */
      again(): Promise<AsyncIterable<Buffer> | undefined>;
      /** Lets what is still to come go by, where nobody wants it: the connection is of use again. */
      discard(): void;
    };

/** Reads a body as far as it may be kept. `onBytes` learns how much has come, while it comes. */
export async function readBody(request: IncomingMessage, onBytes: (all: number) => void): Promise<CallBody> {
  const length = Number(request.headers['content-length'] ?? Number.NaN);
  if (length > MAX_BODY) throw tooLarge(false);
  // The request stays whole when nobody reads on: its answer still has to be written.
  const chunks = request.iterator({ destroyOnReturn: false }) as AsyncIterableIterator<Buffer>;
  const first: Buffer[] = [];
  let size = 0;
  while (size <= KEPT_BODY) {
    const { done, value } = await chunks.next().catch(gone);
    if (done) return { kind: 'kept', bytes: Buffer.concat(first) };
    first.push(value);
    size += value.length;
    onBytes(size);
  }
  const passing = passOn(first, chunks, onBytes);
  return {
    kind: 'stream',
    stream: passing.stream,
    length: Number.isNaN(length) ? undefined : length,
    again: passing.again,
    discard() {
      void passing.close();
      void chunks.return?.().then(() => request.resume());
    },
  };
}

/** WeChat may answer, and stop reading, at any point: what is left is then read for the repeat alone. */
function passOn(first: Buffer[], rest: AsyncIterator<Buffer>, onBytes: (all: number) => void) {
  const replay = openReplay();
  let size = 0;
  const next = async (): Promise<Buffer | undefined> => {
    const chunk = first.shift() ?? (await rest.next().catch(gone)).value;
    if (!chunk) return undefined;
    size += chunk.length;
    onBytes(size);
    // WeChat may have seen the beginning, but never the end.
    if (size > MAX_BODY) throw tooLarge(true);
    await replay.write(chunk);
    return chunk;
  };
  async function* all(): AsyncGenerator<Buffer> {
    for (let chunk = await next(); chunk; chunk = await next()) yield chunk;
  }
  return {
    stream: all(),
    async again() {
      while (await next());
      return replay.read();
    },
    close: replay.close,
  };
}

const gone = () => {
  throw new Refusal('badRequest', 'the client left before its body was whole.');
};

const tooLarge = (written: boolean) =>
  new Refusal('tooLarge', `the body has more than ${MAX_BODY / 1024 / 1024} MiB.`, { written });
