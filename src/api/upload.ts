// From whatever somebody wants to upload to a form that WeChat accepts: the type seen, the size known, and sendable twice.
import { File } from 'node:buffer';
import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';

/** Something to upload. A path is read while it is sent; a stream is read first, up to the limit of what it is sent as. */
export type UploadSource =
  | { readonly file: string }
  | { readonly bytes: Uint8Array; readonly filename?: string }
  | { readonly stream: Readable; readonly filename?: string /** In bytes, where known. */; readonly length?: number };

/** A multipart/form-data body. */
export interface Form {
  /** The name of the file's field; WeChat wants `media`. */
  readonly field: string;
  readonly file: File;
  /** What goes beside the file. */
  readonly fields?: Readonly<Record<string, string>>;
}

/** What WeChat takes under a name. */
export interface UploadRule {
  /** Such as `image`, for errors. */
  readonly what: string;
  readonly formats: readonly Format[];
  readonly maxBytes: number;
}

export type Format = 'png' | 'jpg' | 'gif' | 'bmp' | 'amr' | 'mp3' | 'wma' | 'wav' | 'mp4';

const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  gif: 'image/gif',
  bmp: 'image/bmp',
  amr: 'audio/amr',
  mp3: 'audio/mpeg',
  wma: 'audio/x-ms-wma',
  wav: 'audio/wav',
  mp4: 'video/mp4',
};

/** How files of a format begin, `..` standing for any byte. */
const BEGINNINGS: readonly [Format, RegExp][] = [
  ['png', /^89504e470d0a1a0a/],
  ['jpg', /^ffd8ff/],
  ['gif', /^474946383[79]61/],
  ['bmp', /^424d.{8}00000000/],
  ['amr', /^2321414d52/],
  ['mp3', /^(494433|ff[ef][2-7a-f])/],
  ['wma', /^3026b2758e66cf11/],
  ['wav', /^52494646.{8}57415645/],
  ['mp4', /^.{8}66747970/],
];
const ENOUGH = 16;

/**
 * The form that uploads a source under a rule. Throws TypeError for what WeChat would refuse, before a byte is sent. WeChat
 * takes no upload without a length (41005) and goes by the file name's ending, which is therefore made to fit the content
 * (40113).
 */
export async function prepareForm(
  source: UploadSource,
  rule: UploadRule,
  fields?: Readonly<Record<string, string>>,
): Promise<Form> {
  const blob = await openSource(source, rule);
  if (blob.size === 0) throw new TypeError(`The ${rule.what} is empty.`);
  checkSize(blob.size, rule);
  const name = 'file' in source ? basename(source.file) : basename(source.filename ?? '');
  const beginning = Buffer.from(await blob.slice(0, ENOUGH).arrayBuffer()).toString('hex');
  const format = formatOf(beginning, name, rule);
  const stem = name.replace(/\.[^.]*$/, '') || rule.what;
  const file = new File([blob], `${stem}.${format}`, { type: CONTENT_TYPES[format] });
  return { field: 'media', file, ...(fields ? { fields } : {}) };
}

async function openSource(source: UploadSource, rule: UploadRule): Promise<Blob> {
  if ('file' in source) return openFile(source.file, rule);
  if ('bytes' in source) return new Blob([source.bytes as Uint8Array<ArrayBuffer>]);
  if (source.length !== undefined) checkSize(source.length, rule);
  const blob = new Blob((await readAll(source.stream, rule)) as Buffer<ArrayBuffer>[]);
  if (source.length !== undefined && source.length !== blob.size)
    throw new TypeError(`The ${rule.what} was to have ${source.length} bytes, its stream had ${blob.size}.`);
  return blob;
}

async function openFile(path: string, { what }: UploadRule): Promise<Blob> {
  try {
    return await openAsBlob(path);
  } catch {
    throw new TypeError(`The ${what} ${path} cannot be read.`);
  }
}

async function readAll(stream: Readable, rule: UploadRule): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    chunks.push(bytes);
    size += bytes.length;
    checkSize(size, rule);
  }
  return chunks;
}

function checkSize(size: number, { what, maxBytes }: UploadRule): void {
  if (size <= maxBytes) return;
  throw new TypeError(`The ${what} is too big: WeChat takes ${humanSize(maxBytes)} (${maxBytes} bytes) at most.`);
}

const humanSize = (bytes: number) => (bytes >= 1024 * 1024 ? `${bytes / 1024 / 1024} MB` : `${bytes / 1024} KB`);

function formatOf(beginning: string, name: string, { what, formats }: UploadRule): Format {
  const seen = BEGINNINGS.find(([, pattern]) => pattern.test(beginning))?.[0];
  // An mp3 may begin with anything: without another sign its name is believed.
  const format = seen ?? (/\.mp3$/i.test(name) ? 'mp3' : undefined);
  if (format !== undefined && formats.includes(format)) return format;
  throw new TypeError(
    `This ${what} is ${format ? `a ${format} file` : 'of no known format'}: WeChat takes ${formats.join(', ')} here.`,
  );
}
