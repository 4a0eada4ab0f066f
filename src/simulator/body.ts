import type { IncomingMessage } from 'node:http';

export class BodyTooLarge extends Error {
  override name = 'BodyTooLarge' as const;
}

/** The bytes of a request. Throws BodyTooLarge above the limit, but reads on so that the answer can be read. */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= limit) chunks.push(chunk);
  }
  if (size > limit) throw new BodyTooLarge(`the body has ${size} bytes; ${limit} are allowed`);
  return Buffer.concat(chunks);
}
