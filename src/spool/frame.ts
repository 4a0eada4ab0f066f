// How a record lies in a file: `= <length> <crc32> <payload>\n`, both numbers in eight hex digits, the length in bytes.
import { crc32 } from 'node:zlib';

/** What a place in a file holds. `next` is where to read on. */
export type Found =
  | { readonly kind: 'record'; readonly payload: string; readonly next: number }
  /** Bytes that are no record, up to the next one. */
  | { readonly kind: 'damaged'; readonly next: number }
  /** The end; a record that was being written when the process died counts as never written. */
  | { readonly kind: 'end' };

const HEADER = /^= ([0-9a-f]{8}) ([0-9a-f]{8}) $/;
const HEADER_LENGTH = 20;
const NEWLINE = 10;

const hex = (value: number) => value.toString(16).padStart(8, '0');

/** `payload` must hold no line break, as JSON holds none: that is where reading goes on behind a damaged record. */
export function encodeFrame(payload: string): Buffer {
  const bytes = Buffer.from(payload);
  return Buffer.concat([Buffer.from(`= ${hex(bytes.length)} ${hex(crc32(bytes))} `), bytes, Buffer.from('\n')]);
}

/** Reads what stands at `at`. */
export function readFrame(file: Buffer, at: number): Found {
  const frame = frameAt(file, at);
  if (frame) return { kind: 'record', ...frame };
  for (let next = file.indexOf(NEWLINE, at) + 1; next > 0; next = file.indexOf(NEWLINE, next) + 1)
    if (frameAt(file, next) || !file.includes(NEWLINE, next)) return { kind: 'damaged', next };
  return { kind: 'end' };
}

function frameAt(file: Buffer, at: number): { payload: string; next: number } | undefined {
  const [, length, sum] = HEADER.exec(file.toString('latin1', at, at + HEADER_LENGTH)) ?? [];
  if (length === undefined || sum === undefined) return undefined;
  const start = at + HEADER_LENGTH;
  const end = start + Number.parseInt(length, 16);
  if (end >= file.length) return undefined;
  const payload = file.subarray(start, end);
  if (hex(crc32(payload)) !== sum) return undefined;
  return { payload: payload.toString('utf8'), next: end + 1 };
}
