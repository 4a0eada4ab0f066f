import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Page } from '../delivery/page.ts';
import { signPage, verifyPage } from '../delivery/sign-page.ts';
import { readBlob } from './blobs.ts';
import type { Upload } from './entries.ts';
import type { Names, UserId } from './keys.ts';

/** Below PUBLIC_URL, the path of pages; what follows is the signed link's token. */
export const PAGE_PATH = '/wxrelay/page/';
/** Seconds for which a page is kept and its link works. */
export const PAGE_TTL = 7 * 86_400;

/** A picture, sound or film that could not be uploaded. */
export interface PageFile {
  readonly contentType: string;
  readonly bytes: Buffer;
}

type Kept = Page | { readonly blob: string; readonly contentType: string };

/** The pages of long answers, and what is signed to find them. */
export interface Pages {
  /** A page's name and address, before it is known whether it is needed. */
  offer(user: UserId): { readonly id: string; readonly url: string };
  /** Settles once it can be read. It goes with its user, or after 7 days. */
  keep(user: UserId, id: string, page: Page): Promise<void>;
  /** Makes a file that waits to be uploaded readable; returns its address. */
  keepFile(user: UserId, file: Extract<Upload, { blob: string }>): Promise<string>;
  /** What is behind a link, or `undefined` where the link is not ours, is over, or its page is gone. */
  read(token: string): Promise<Page | PageFile | undefined>;
}

const PURPOSE = 'pages';

/** @param publicUrl where the receiver is reached from outside, without a `/` at its end */
export function openPages(redis: Redis, names: Names, publicUrl: string): Pages {
  const key = names.secretFor(PURPOSE);
  const keyOf = (id: string) => `${names.tagOf(id)}:page:${id}`;
  const offer = (user: UserId) => {
    const id = randomIn(names, user);
    const expires = Date.now() + PAGE_TTL * 1000;
    return { id, url: `${publicUrl}${PAGE_PATH}${signPage({ key, id, expires })}` };
  };
  const keep = async (user: UserId, id: string, kept: Kept) => {
    const now = Date.now();
    const index = `${names.tagOf(user)}:pages:${user}`;
    const results = await redis
      .multi()
      .set(keyOf(id), JSON.stringify(kept), 'EX', PAGE_TTL)
      .zremrangebyscore(index, '-inf', now)
      .zadd(index, now + PAGE_TTL * 1000, id)
      .expire(index, PAGE_TTL)
      .exec();
    const failed = results?.find(([error]) => error)?.[0];
    if (failed || !results) throw failed ?? new Error('the page was not kept');
  };
  return {
    offer,
    keep,
    async keepFile(user, { blob, contentType }) {
      const { id, url } = offer(user);
      await keep(user, id, { blob, contentType });
      return url;
    },
    async read(token) {
      const id = verifyPage({ key, token, now: Date.now() });
      const found = id === undefined ? null : await redis.get(keyOf(id));
      if (id === undefined || found === null) return undefined;
      const kept = JSON.parse(found) as Kept;
      if ('sections' in kept) return kept;
      const bytes = await readBlob(redis, names.tagOf(id), kept.blob);
      return bytes ? { contentType: kept.contentType, bytes } : undefined;
    },
  };
}

/** A random name in the user's partition that says nothing of the user. */
function randomIn(names: Names, user: UserId): string {
  for (;;) {
    const id = randomBytes(18).toString('base64url');
    if (names.tagOf(id) === names.tagOf(user)) return id;
  }
}
