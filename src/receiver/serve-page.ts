import type { Context } from 'koa';
import { toError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { PAGE_PATH, type Pages } from '../store/pages.ts';

export const isPagePath = (path: string): boolean => path.startsWith(PAGE_PATH);

/** Answers with the page of a link. Who has no link that is signed and not over learns nothing: 404, whatever was asked. */
export async function servePage(ctx: Context, pages: Pages | undefined, log: Logger): Promise<void> {
  ctx.set('X-Content-Type-Options', 'nosniff');
  ctx.set('Referrer-Policy', 'no-referrer');
  ctx.set('Cache-Control', 'private, no-cache');
  ctx.set('X-Robots-Tag', 'noindex, nofollow');
  ctx.status = 404;
  ctx.type = 'text/plain; charset=utf-8';
  ctx.body = '404';
  if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return;
  try {
    const page = await pages?.read(ctx.path.slice(PAGE_PATH.length));
    if (!page) return;
    ctx.status = 200;
    ctx.set('Content-Security-Policy', page.csp);
    ctx.etag = page.etag;
    ctx.type = page.contentType;
    ctx.body = page.bytes;
    if (ctx.fresh) ctx.status = 304;
  } catch (error) {
    log.warn({ err: toError(error) }, 'page.not_read');
    ctx.status = 503;
    ctx.body = '503';
  }
}
