import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Upload } from './entries.ts';
import { PARKED_TTL } from './lanes.ts';

/** What a file is kept as until it is sent, below the tag of its user's partition. */
const keyOf = (tag: string, blob: string) => `${tag}:blob:${blob}`;

/** Keeps what a part of an answer will upload, as long as that may wait. A repeat replaces it. */
export async function keepBlob(
  redis: Redis,
  tag: string,
  blob: string,
  file: { readonly name: string; readonly type: string; readonly bytes: Buffer },
): Promise<Upload> {
  await redis.set(keyOf(tag, blob), file.bytes, 'EX', PARKED_TTL);
  const hash = createHash('sha256').update(file.bytes).digest('base64url');
  return { blob, filename: file.name, contentType: file.type, hash };
}

export const readBlob = (redis: Redis, tag: string, blob: string): Promise<Buffer | null> =>
  redis.getBuffer(keyOf(tag, blob));

/** It was sent. Nobody waits for it, and it would go by itself. */
export const dropBlob = (redis: Redis, tag: string, blob: string): void =>
  void redis.unlink(keyOf(tag, blob)).catch(() => undefined);

/** Milliseconds for which an uploaded file is used again; WeChat keeps it for 3 days. */
const MEDIA_FOR = 2.5 * 86_400_000;

/** The media_ids of what was uploaded, by content, for the whole account. */
export interface MediaIds {
  get(type: string, hash: string): Promise<string | null>;
  set(type: string, hash: string, mediaId: string): Promise<void>;
  /** WeChat does not know it any more. */
  forget(type: string, hash: string): Promise<void>;
}

export function openMediaIds(redis: Redis, accountTag: string): MediaIds {
  const key = (type: string, hash: string) => `${accountTag}:media:${type}:${hash}`;
  return {
    get: (type, hash) => redis.get(key(type, hash)),
    set: async (type, hash, mediaId) => void (await redis.set(key(type, hash), mediaId, 'PX', MEDIA_FOR)),
    forget: async (type, hash) => void (await redis.del(key(type, hash))),
  };
}
