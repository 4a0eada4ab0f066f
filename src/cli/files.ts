// Files that tools read and write.
import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Download } from '../api/http.ts';
import { UsageError } from './exit-codes.ts';
import { print } from './print.ts';

const TYPES: Readonly<Record<string, 'image' | 'voice' | 'video'>> = {
  png: 'image',
  jpg: 'image',
  jpeg: 'image',
  gif: 'image',
  bmp: 'image',
  amr: 'voice',
  mp3: 'voice',
  wma: 'voice',
  wav: 'voice',
  mp4: 'video',
};

/** As what a file is uploaded, by the ending of its name; whether it is that is checked by its content. */
export function typeOf(file: string): 'image' | 'voice' | 'video' {
  const type = TYPES[extname(file).slice(1).toLowerCase()];
  if (type) return type;
  throw new UsageError(`${file} does not end as a picture, a voice or a video does: say what it is with --type.`);
}

/** Puts bytes into a file; one that was there stays as it was until all have come. */
export async function saveStream(stream: Readable, file: string): Promise<void> {
  const part = `${file}.${process.pid}.part`;
  try {
    await pipeline(stream, createWriteStream(part));
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/**
 * Saves a download, and says where; what is no file is printed. Without a name from the person it gets WeChat's, or the
 * media_id, unless something has that name.
 */
export async function saveDownload(download: Download, mediaId: string, out?: string): Promise<object> {
  if (download.kind === 'json') {
    if (out === undefined) return download.json;
    await writeFile(out, `${JSON.stringify(download.json, null, 2)}\n`);
    return { file: out };
  }
  const file = out ?? download.filename ?? mediaId;
  if (out === undefined && existsSync(file)) {
    download.stream.destroy();
    throw new UsageError(`${file} exists already: say with --out where it is to go.`);
  }
  await saveStream(download.stream, file);
  return { file, contentType: download.contentType };
}

export const printSaved = (saved: object, json: boolean | undefined): void => {
  const { file } = saved as { readonly file?: string };
  print(json || file === undefined ? JSON.stringify(saved, null, json ? 0 : 2) : `Saved: ${file}`);
};
