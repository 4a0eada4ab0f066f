import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { type ApiAnswer, readAnswer } from './answer.ts';
import { NetworkError } from './errors.ts';

/** What a download came to: a file, or the JSON that WeChat gives instead of some (`{ video_url }`, the articles of a news). */
export type Download = FileDownload | { readonly kind: 'json'; readonly json: ApiAnswer };

export interface FileDownload {
  readonly kind: 'file';
  /** As the server says it, such as `image/jpeg`. */
  readonly contentType: string;
  /** From `Content-disposition`, where it names one. */
  readonly filename: string | undefined;
  /** The bytes. Ends with a `NetworkError` where the connection is cut: what has ended well is whole. Read it or destroy it. */
  readonly stream: Readable;
}

/** What an answer in place of a file may weigh, in bytes. */
const MAX_JSON = 4 * 1024 * 1024;
const BRACE = 0x7b;

/** Reads the beginning of an answer and says what it is; the type that WeChat puts on it may be wrong. */
export async function readDownload(api: string, { headers, body }: Dispatcher.ResponseData): Promise<Download> {
  const contentType = String(headers['content-type'] ?? '');
  const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  const first = (await chunks.next()).value as Buffer | undefined;
  if (first === undefined) throw new NetworkError(api, true, 'the body is empty');
  if (first[0] === BRACE) return { kind: 'json', json: readAnswer(api, await restOf(api, first, chunks)) };
  if (/text\/html/.test(contentType)) {
    body.destroy();
    throw new NetworkError(api, true, 'a page came instead of a file');
  }
  if (headers['content-length'] === undefined && !/chunked/i.test(String(headers['transfer-encoding']))) {
    body.destroy();
    throw new NetworkError(api, true, 'the file came without its length, and may be cut');
  }
  const stream = Readable.from(whole(api, first, chunks), { objectMode: false });
  // Where the reader stops early, even before the first byte, so does the server.
  stream.once('close', () => body.destroy());
  return { kind: 'file', contentType, filename: filenameIn(headers['content-disposition']), stream };
}

async function restOf(api: string, first: Buffer, chunks: AsyncIterator<Buffer>): Promise<string> {
  const parts = [first];
  let size = first.length;
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    parts.push(next.value);
    size += next.value.length;
    if (size <= MAX_JSON) continue;
    await chunks.return?.();
    throw new NetworkError(api, true, `more than ${MAX_JSON} bytes of JSON`);
  }
  return Buffer.concat(parts).toString();
}

/** The error of a cut connection carries what undici knows of it; only its words go on. */
async function* whole(api: string, first: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield first;
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  } catch (error) {
    throw new NetworkError(api, true, `the file was cut off: ${(error as Error).message}`);
  }
}

function filenameIn(header: string | string[] | undefined): string | undefined {
  const [, quoted, bare] = /filename\s*=\s*(?:"([^"]*)"|([^;\s]+))/i.exec(String(header ?? '')) ?? [];
  // Servers that want a path outside of the reader's folder exist.
  return (quoted ?? bare)?.split(/[\\/]/).at(-1) || undefined;
}
