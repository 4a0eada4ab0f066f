import type { Context } from 'koa';

/** Bytes. A user's text has some KB, three times that in compatible mode. */
export const MAX_BODY = 256 * 1024;

/** Cannot be read as a push's body; `status` is what HTTP has for it. */
export class BodyError extends Error {
  override name = 'BodyError' as const;
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** The body as text, whether or not a body parser in front has read it already. */
export function readBody(ctx: Context): string | Promise<string> {
  const { body, rawBody } = ctx.request as { body?: unknown; rawBody?: unknown };
  for (const kept of [rawBody, body]) {
    if (typeof kept === 'string') return bounded(kept);
    if (Buffer.isBuffer(kept)) return bounded(kept.toString('utf8'));
  }
  if (ctx.req.readableEnded)
    throw new BodyError(
      500,
      'a body parser in front of wxrelay has consumed the push and kept neither its text nor its bytes: mount wxrelay before it, or let it leave text/xml alone',
    );
  if (ctx.req.destroyed) throw cutOff();
  return readStream(ctx);
}

function bounded(text: string): string {
  if (Buffer.byteLength(text) > MAX_BODY) throw tooLarge();
  return text;
}

const tooLarge = () => new BodyError(413, `the body is larger than ${MAX_BODY} bytes`);
const cutOff = () => new BodyError(400, 'the body was cut off');

function readStream({ req }: Context): Promise<string> {
  const encoding = req.headers['content-encoding'];
  if (encoding && encoding !== 'identity') throw new BodyError(415, 'WeChat never compresses a push');
  if (Number(req.headers['content-length']) > MAX_BODY) throw tooLarge();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY) {
        req.removeAllListeners('data').resume();
        reject(tooLarge());
      } else chunks.push(chunk);
    });
    // Decoded as a whole: a character may be cut in two by the network. What is not UTF-8 is replaced, never fatal.
    req.on('end', () =>
      resolve(chunks.length === 1 ? (chunks[0] as Buffer).toString('utf8') : Buffer.concat(chunks).toString('utf8')),
    );
    req.on('error', () => reject(cutOff()));
    // It comes after the end of a whole body too.
    req.on('close', () => req.complete || reject(cutOff()));
  });
}
