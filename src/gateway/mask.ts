import { Transform } from 'node:stream';

/** A stream that overwrites a secret wherever it comes by, and changes no length. */
export function maskingStream(secret: string): Transform {
  let held: Buffer = Buffer.alloc(0);
  return new Transform({
    transform(chunk: Buffer, _, done) {
      const bytes = masked(Buffer.concat([held, chunk]), secret);
      // The secret may begin in this chunk and end in the next.
      const sure = Math.max(0, bytes.length - Buffer.byteLength(secret) + 1);
      held = bytes.subarray(sure);
      done(null, bytes.subarray(0, sure));
    },
    flush(done) {
      done(null, held);
    },
  });
}

/** Overwrites a secret in place. */
export function masked(bytes: Buffer, secret: string): Buffer {
  for (let at = bytes.indexOf(secret); at !== -1; at = bytes.indexOf(secret, at))
    bytes.fill('*', at, at + Buffer.byteLength(secret));
  return bytes;
}
