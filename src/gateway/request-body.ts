import type { IncomingMessage } from 'node:http';
import { Refusal } from './refusal.ts';

/** What a call may weigh; WeChat takes files of 10 MB. */
export const MAX_BODY = 32 * 1024 * 1024;
/** Up to this a body is kept, so that the call can be repeated with a fresh token; beyond, it goes through as a stream. */
export const KEPT_BODY = 256 * 1024;

export type CallBody =
  | { readonly kind: 'kept'; readonly bytes: Buffer }
  | {
      readonly kind: 'stream';
      readonly stream: AsyncIterable<Buffer>;
      readonly length: number | undefined;
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
  return {
    kind: 'stream',
    stream: joined(first, chunks, onBytes),
    length: Number.isNaN(length) ? undefined : length,
    discard: () => void chunks.return?.().then(() => request.resume()),
  };
}

async function* joined(
  first: Buffer[],
  rest: AsyncIterable<Buffer>,
  onBytes: (all: number) => void,
): AsyncGenerator<Buffer> {
  let size = 0;
  for (const chunks of [first, rest])
    for await (const chunk of chunks) {
      size += chunk.length;
      onBytes(size);
      // WeChat may have seen the beginning, but never the end.
      if (size > MAX_BODY) throw tooLarge(true);
      yield chunk;
    }
}

const gone = () => {
  throw new Refusal('badRequest', 'the client left before its body was whole.');
};

const tooLarge = (written: boolean) =>
  new Refusal('tooLarge', `the body has more than ${MAX_BODY / 1024 / 1024} MiB.`, { written });
