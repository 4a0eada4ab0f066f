// From whatever somebody wants to upload to a form that WeChat accepts: the type seen, the size known, and sendable twice.
import { File } from 'node:buffer';
import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import type { Readable } from 'node:stream';
import { contentTypeOf, ENOUGH, type Format, formatOf } from './formats.ts';

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

/** A picture, sound or film that WeChat does not take: too big, or of another format. It can be shown in another way. */
export class UnsuitableError extends TypeError {
  /** The file, where it is at hand and known for what it is. */
  readonly file: File | undefined;

  constructor(message: string, file?: File) {
    super(message);
    this.file = file;
  }
}

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
  const name = 'file' in source ? basename(source.file) : basename(source.filename ?? '');
  const seen = formatOf(Buffer.from(await blob.slice(0, ENOUGH).arrayBuffer()));
  // An mp3 may begin with anything: without another sign its name is believed.
  const format = seen ?? (/\.mp3$/i.test(name) ? 'mp3' : undefined);
  const file = format && new File([blob], nameOf(name, format, rule), { type: contentTypeOf(format) });
  checkSize(blob.size, rule, file);
  if (file === undefined || !rule.formats.includes(format as Format)) throw wrongFormat(format, rule, file);
  return { field: 'media', file, ...(fields ? { fields } : {}) };
}

const nameOf = (name: string, format: Format, { what }: UploadRule) =>
  `${name.replace(/\.[^.]*$/, '') || what}.${format}`;

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

function checkSize(size: number, { what, maxBytes }: UploadRule, file?: File): void {
  if (size <= maxBytes) return;
  const why = `The ${what} is too big: WeChat takes ${humanSize(maxBytes)} (${maxBytes} bytes) at most.`;
  throw new UnsuitableError(why, file);
}

const humanSize = (bytes: number) => (bytes >= 1024 * 1024 ? `${bytes / 1024 / 1024} MB` : `${bytes / 1024} KB`);

function wrongFormat(format: Format | undefined, { what, formats }: UploadRule, file?: File): TypeError {
  const is = format ? `a ${format} file` : 'of no known format';
  const why = `This ${what} is ${is}: WeChat takes ${formats.join(', ')} here.`;
  return file ? new UnsuitableError(why, file) : new TypeError(why);
}
