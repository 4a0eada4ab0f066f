// Keeps web pages of other origins away from the chat page and the control API.
import type { Middleware } from 'koa';

const LOCAL = ['localhost', '127.0.0.1', '[::1]'];

/** Refuses foreign Host headers (DNS rebinding) and writes from foreign pages (CSRF). */
export function guard(boundHost: string): Middleware {
  const bound = boundHost.includes(':') ? `[${boundHost}]` : boundHost;
  const allowed = [...LOCAL, bound.toLowerCase()];
  return async (ctx, next) => {
    const hostname = ctx.host.replace(/:\d*$/, '').toLowerCase();
    if (!allowed.includes(hostname)) {
      ctx.throw(403, `the simulator does not answer to the host name "${hostname}": open it as http://localhost`, {
        expose: true,
      });
    }
    const origin = ctx.get('Origin');
    if (ctx.method !== 'GET' && origin !== '' && origin !== `http://${ctx.host}`) {
      ctx.throw(403, 'the simulator takes no requests from pages of another origin', { expose: true });
    }
    await next();
  };
}
