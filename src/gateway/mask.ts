import { Transform } from 'node:stream';

/** Longer than any token with its name. */
const HELD = 2048;

/**
 * Overwrites, in bytes that come in pieces, this secret wherever it stands, and in a JSON object every token and secret that
 * bears its name. No length changes.
 */
export function maskingStream(secret: string): Transform {
  let held: Buffer = Buffer.alloc(0);
  let isObject: boolean | undefined;
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const bytes = Buffer.concat([held, chunk]);
      isObject ??= beginsObject(bytes);
      masked(bytes, secret, isObject);
      // What begins in this chunk may end in the next.
      const sure = Math.max(0, bytes.length - (isObject ? HELD : Buffer.byteLength(secret) - 1));
      held = bytes.subarray(sure);
      done(null, bytes.subarray(0, sure));
    },
    flush(done) {
      done(null, held);
    },
  });
}

/** The same in place, of bytes that are whole. */
export function masked(bytes: Buffer, secret: string, isObject = beginsObject(bytes)): Buffer {
  for (let at = bytes.indexOf(secret); at !== -1; at = bytes.indexOf(secret, at))
    bytes.fill('*', at, at + Buffer.byteLength(secret));
  if (!isObject) return bytes;
  for (const { index, 0: all, 1: name = '' } of bytes.toString('latin1').matchAll(NAMED))
    bytes.fill('*', index + name.length, index + all.length);
  return bytes;
}

const beginsObject = (bytes: Buffer): boolean => /^\s*\{/.test(bytes.toString('latin1', 0, 64));

/** In a query, in JSON, or in JSON within JSON: WeChat remembers the requests and answers of other calls (查询rid信息). */
const NAMED = /((?:access_token|secret)(?:=|%3d|\\{1,8}u003d|\\{0,8}"\s{0,8}:\s{0,8}\\{0,8}"))[^"&\\\s]{1,1024}/gi;
