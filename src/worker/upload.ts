// Uploads what a part of an answer shows, when its turn to be sent has come.
import type { Redis } from 'ioredis';
import type { WeChat } from '../api/client.ts';
import type { MediaType } from '../api/media.ts';
import { dropBlob, type MediaIds, readBlob } from '../store/blobs.ts';
import type { AnswerEntry, Upload } from '../store/entries.ts';
import { thumbType } from '../store/keep-media.ts';
import type { Message } from '../wechat/message.ts';
import { type Fetcher, hashOf, UnfetchableError } from './fetch-file.ts';

/** What was uploaded, now or before: for when WeChat does not know it any more. */
interface Uploaded {
  readonly type: MediaType;
  readonly hash: string;
}

/** A message with the ids of its media. */
export interface Completed {
  readonly message: Message;
  readonly uploaded: readonly Uploaded[];
}

export interface Uploads {
  /**
   * Throws what the API throws, `UnfetchableError`, and `UnsuitableError` for a file that WeChat does not take; for a picture of
   * Markdown `BusyError` too.
   */
  complete(wechat: WeChat, entry: AnswerEntry, tag: string): Promise<Completed>;
  /** WeChat does not know them any more: the next time they are uploaded again. */
  forget(uploaded: readonly Uploaded[]): Promise<void>;
  /** It was sent. */
  sent(entry: AnswerEntry, tag: string): void;
}

export function createUploads(
  redis: Redis,
  ids: MediaIds,
  fetcher: Pick<Fetcher, 'fetch'>,
  /** Of what Markdown shows. */
  pictures: Pick<Fetcher, 'fetch'>,
): Uploads {
  const upload = async (wechat: WeChat, type: MediaType, source: Upload, tag: string, from: Pick<Fetcher, 'fetch'>) => {
    const fetched = 'url' in source ? await from.fetch(source.url) : undefined;
    const hash = 'url' in source ? hashOf(fetched?.bytes ?? Buffer.alloc(0)) : source.hash;
    const known = await ids.get(type, hash);
    if (known) return { mediaId: known, hash };
    const file = fetched ?? (await stored(source as Extract<Upload, { blob: string }>, tag));
    const { media_id: mediaId } = await wechat.media.upload(type, file);
    await ids.set(type, hash, mediaId);
    return { mediaId, hash };
  };
  const stored = async ({ blob, filename }: Extract<Upload, { blob: string }>, tag: string) => {
    const bytes = await readBlob(redis, tag, blob);
    if (!bytes) throw new UnfetchableError('the file is no longer kept');
    return { bytes, filename };
  };
  return {
    async complete(wechat, { message, media, thumb, link }, tag) {
      const uploaded: Uploaded[] = [];
      const found: { mediaId?: string; thumbMediaId?: string } = {};
      if (media) {
        const type = message.type as MediaType;
        const { mediaId, hash } = await upload(wechat, type, media, tag, link === undefined ? fetcher : pictures);
        found.mediaId = mediaId;
        uploaded.push({ type, hash });
      }
      if (thumb) {
        const type = thumbType(message);
        const { mediaId, hash } = await upload(wechat, type, thumb, tag, fetcher);
        found.thumbMediaId = mediaId;
        uploaded.push({ type, hash });
      }
      return { message: { ...message, ...found } as Message, uploaded };
    },
    forget: async (uploaded) => {
      await Promise.all(uploaded.map(({ type, hash }) => ids.forget(type, hash)));
    },
    sent(entry, tag) {
      for (const source of [entry.media, entry.thumb])
        if (source && 'blob' in source) dropBlob(redis, tag, source.blob);
    },
  };
}
