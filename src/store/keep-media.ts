// From the files and addresses of an answer to what can wait in Redis.
import type { File } from 'node:buffer';
import type { Redis } from 'ioredis';
import { type MediaType, prepareMedia } from '../api/media.ts';
import { UnsuitableError } from '../api/upload.ts';
import { carry } from '../delivery/fallback.ts';
import type { MediaSource, Message } from '../wechat/message.ts';
import { keepBlob } from './blobs.ts';
import type { Upload } from './entries.ts';

interface Kept {
  readonly message: Message;
  readonly media?: Upload;
  readonly thumb?: Upload;
}

const MEDIA = new Set(['image', 'voice', 'video']);

/** Bytes of the largest file that is kept. */
const MAX_KEPT = 10 * 1024 * 1024;

/**
 * A message as it can wait for its delivery. A file that WeChat does not take is kept like any other, for delivery knows the other
 * ways to show it; one that is too big to be kept is named in a text. Throws a TypeError for what is no picture, sound or film,
 * or cannot be read.
 * @param blob names the message's files among those of its user
 */
export async function keepMedia(message: Message, redis: Redis, tag: string, blob: string): Promise<Kept> {
  try {
    return await keepFiles(message, redis, tag, blob);
  } catch (error) {
    if (!(error instanceof UnsuitableError)) throw error;
    const [instead = message] = carry(message, 'send', { media: false }).messages;
    return { message: instead };
  }
}

async function keepFiles(message: Message, redis: Redis, tag: string, blob: string): Promise<Kept> {
  const { file: _, url: __, bytes: ___, filename: ____, thumb, ...bare } = message as AnyFields;
  const hasSource = MEDIA.has(message.type) && !bare.mediaId;
  const needsThumb = thumb !== undefined && !bare.thumbMediaId;
  if (!hasSource && !needsThumb) return { message };
  const media = hasSource && (await keepSource(message.type as MediaType, message as Source, redis, tag, blob));
  const small =
    needsThumb && !('mediaId' in thumb) && (await keepSource(thumbType(message), thumb, redis, tag, `${blob}.t`));
  const thumbMediaId = needsThumb ? { thumbMediaId: 'mediaId' in thumb ? thumb.mediaId : '' } : {};
  return {
    // The ids are put in when it is sent.
    message: { ...(hasSource ? { ...bare, mediaId: '' } : { ...bare }), ...thumbMediaId } as Message,
    ...(media ? { media } : {}),
    ...(small ? { thumb: small } : {}),
  };
}

type Source = Exclude<MediaSource, { mediaId: string }>;
interface AnyFields {
  readonly file?: unknown;
  readonly url?: unknown;
  readonly bytes?: unknown;
  readonly filename?: unknown;
  readonly thumb?: MediaSource;
  readonly mediaId?: string;
  readonly thumbMediaId?: string;
}

/** The picture of a mini-program's card is an image; a thumb would be too small for it. */
export const thumbType = ({ type }: Message): MediaType => (type === 'miniprogrampage' ? 'image' : 'thumb');

async function keepSource(type: MediaType, source: Source, redis: Redis, tag: string, blob: string): Promise<Upload> {
  if ('url' in source && source.url !== undefined) {
    if (!/^https?:\/\//i.test(source.url) || !URL.canParse(source.url))
      throw new TypeError(`The url of a ${type} has to begin with http:// or https://.`);
    return { url: source.url };
  }
  const given = source as { file: string } | { bytes: Uint8Array; filename?: string };
  const file = await prepareMedia(type, given).then((form) => form.file, unsuitable);
  return keepBlob(redis, tag, blob, { name: file.name, type: file.type, bytes: Buffer.from(await file.arrayBuffer()) });
}

function unsuitable(error: unknown): File {
  if (error instanceof UnsuitableError && error.file && error.file.size <= MAX_KEPT) return error.file;
  throw error;
}
