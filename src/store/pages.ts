import { createHash, randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { UnrenderedSection } from '../delivery/markdown-html.ts';
import { composePage, PAGE_CSP, type Page } from '../delivery/page.ts';
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

/** What answers a GET, byte for byte. */
export interface Served extends PageFile {
  readonly csp: string;
  /** Names these bytes and no others. */
  readonly etag: string;
}

type KeptFile = { readonly blob: string; readonly contentType: string };
/** A page is kept as this line, and its HTML behind it. The policy names the style that the HTML has, which a later release may change. */
interface Head {
  readonly version: typeof VERSION;
  readonly etag: string;
  readonly csp: string;
}
const VERSION = 1;
const FILE_CSP = "default-src 'none'; sandbox";

/** The pages of long answers, and what is signed to find them. */
export interface Pages {
  /** A page's name and address, before it is known whether it is needed. */
  offer(user: UserId): { readonly id: string; readonly url: string };
  /** Settles once it can be read. It goes with its user, or after 7 days. */
  keep(user: UserId, id: string, page: Page): Promise<void>;
  /** Makes a file that waits to be uploaded readable; returns its address. */
  keepFile(user: UserId, file: Extract<Upload, { blob: string }>): Promise<string>;
  /** What is behind a link, or `undefined` where the link is not ours, is over, or its page is gone. */
  read(token: string): Promise<Served | undefined>;
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
  const keepAs = async (user: UserId, id: string, kept: Buffer | string) => {
    const now = Date.now();
    const index = `${names.tagOf(user)}:pages:${user}`;
    const results = await redis
      .multi()
      .set(keyOf(id), kept, 'EX', PAGE_TTL)
      .zremrangebyscore(index, '-inf', now)
      .zadd(index, now + PAGE_TTL * 1000, id)
      .expire(index, PAGE_TTL)
      .exec();
    const failed = results?.find(([error]) => error)?.[0];
    if (failed || !results) throw failed ?? new Error('the page was not kept');
  };
  return {
    offer,
    keep: (user, id, page) => keepAs(user, id, encode(composePage(page))),
    async keepFile(user, { blob, contentType }) {
      const { id, url } = offer(user);
      await keepAs(user, id, JSON.stringify({ blob, contentType } satisfies KeptFile));
      return url;
    },
    async read(token) {
      const id = verifyPage({ key, token, now: Date.now() });
      const found = id === undefined ? null : await redis.getBuffer(keyOf(id));
      if (id === undefined || found === null) return undefined;
      const end = found.indexOf('\n');
      const kept = JSON.parse((end < 0 ? found : found.subarray(0, end)).toString()) as Head | KeptFile | EarlierPage;
      if ('version' in kept) {
        const { etag, csp } = kept;
        return { etag, csp, contentType: PAGE_TYPE, bytes: found.subarray(end + 1) };
      }
      if ('sections' in kept) return serveEarlier(redis, keyOf(id), kept);
      const bytes = await readBlob(redis, names.tagOf(id), kept.blob);
      return bytes ? { contentType: kept.contentType, bytes, csp: FILE_CSP, etag: etagOf(bytes) } : undefined;
    },
  };
}

const PAGE_TYPE = 'text/html; charset=utf-8';
const etagOf = (bytes: Buffer | string) => `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`;

function encode(html: string): string {
  const head: Head = { version: VERSION, etag: etagOf(html), csp: PAGE_CSP };
  return `${JSON.stringify(head)}\n${html}`;
}

/** What the release before version 1 kept: the texts. Its pages last no longer than 7 days after the update. */
interface EarlierPage extends Omit<Page, 'sections'> {
  readonly sections: readonly UnrenderedSection[];
}

/** Made HTML by the first reader, for all others. */
async function serveEarlier(redis: Redis, key: string, page: EarlierPage): Promise<Served> {
  const { rendered } = await import('../delivery/markdown-html.ts');
  const html = composePage({ ...page, sections: await rendered(page.sections) });
  await redis.set(key, encode(html), 'KEEPTTL');
  return { etag: etagOf(html), csp: PAGE_CSP, contentType: PAGE_TYPE, bytes: Buffer.from(html) };
}

/** A random name in the user's partition that says nothing of the user. */
function randomIn(names: Names, user: UserId): string {
  for (;;) {
    const id = randomBytes(18).toString('base64url');
    if (names.tagOf(id) === names.tagOf(user)) return id;
  }
}
