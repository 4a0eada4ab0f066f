import type { Context, Middleware } from 'koa';

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
  if (ctx.method === 'GET' || ctx.method === 'HEAD' || !isForeign(ctx)) return next();
  ctx.status = 403;
  ctx.body =
    'This request comes from another site, and only pages of the monitor may change something. Behind a proxy, have it pass the browser’s Host on; nginx: proxy_set_header Host $http_host;';
};

/** `Sec-Fetch-Site` cannot be forged by a page and is right behind any proxy, but is sent only over https and to localhost. */
function isForeign(ctx: Context): boolean {
  const site = ctx.get('sec-fetch-site');
  if (site) return site !== 'same-origin' && site !== 'none';
  const origin = ctx.get('origin');
  if (origin === '') return false;
  // A page of another site cannot add X-Forwarded-Host: its browser would have to ask first, and is never allowed to.
  const [forwarded = ''] = ctx.get('x-forwarded-host').split(',', 1);
  return ![ctx.host, forwarded.trim()].some((host) => host !== '' && isHostOf(origin, host));
}

/** nginx's `$host` is the name without its port, which the browser's Origin has. */
function isHostOf(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  const name = host.toLowerCase();
  return name === url.host || name === url.hostname;
}
