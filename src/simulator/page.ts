// Serves the chat page's files, which lie beside this one.
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Middleware } from 'koa';
import { drawPicture } from './picture.ts';

const DIRECTORY = new URL('./page/', import.meta.url);
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "media-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** GET / and the files it loads. */
export async function servePage(): Promise<Middleware> {
  const files = new Map<string, Buffer>();
  for (const name of await readdir(DIRECTORY)) {
    files.set(name === 'index.html' ? '/' : `/${name}`, await readFile(new URL(name, DIRECTORY)));
  }
  return async (ctx, next) => {
    const file = files.get(ctx.path);
    if (file === undefined || ctx.method !== 'GET') return next();
    ctx.type = ctx.path === '/' ? '.html' : extname(ctx.path);
    ctx.set({
      'Content-Security-Policy': POLICY,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
    });
    ctx.body = file;
  };
}

/** What the PicUrl of a picture push points to; open to any host name, as a worker may run elsewhere. */
export function servePicture(): Middleware {
  const picture = drawPicture();
  return async (ctx, next) => {
    if (ctx.path !== '/picture.png') return next();
    ctx.type = 'image/png';
    ctx.body = picture;
  };
}
