import type { Middleware } from 'koa';

/** bull-board asks for fonts of another host; the policy keeps everything on this one. */
const POLICY = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

export const securityHeaders: Middleware = (ctx, next) => {
  ctx.set({
    'Content-Security-Policy': POLICY,
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
  });
  return next();
};

/** A browser sends the password along with whatever any site makes it send: only our own pages may change something. */
export const refuseForeignWrites: Middleware = (ctx, next) => {
  if (
    ctx.method === 'GET' ||
    ctx.method === 'HEAD' ||
    !isForeign(ctx.get('sec-fetch-site'), ctx.get('origin'), ctx.host)
  )
    return next();
  ctx.status = 403;
  ctx.body = 'This request comes from another site, and only pages of the monitor may change something.';
};

/** `Sec-Fetch-Site` cannot be forged by a page and is right behind any proxy, but is sent only over https and to localhost. */
function isForeign(site: string, origin: string, host: string): boolean {
  if (site) return site !== 'same-origin' && site !== 'none';
  return origin !== '' && (!URL.canParse(origin) || new URL(origin).host !== host);
}
