import { createHash, timingSafeEqual } from 'node:crypto';
import type { Middleware } from 'koa';
import { createGuessLimit } from '../guess-limit.ts';

/** HTTP Basic authentication with any user name. */
export function requirePassword(password: string, limit = createGuessLimit()): Middleware {
  const expected = digest(password);
  return async (ctx, next) => {
    const shutFor = limit.shutFor(ctx.ip);
    if (shutFor > 0) {
      ctx.status = 429;
      ctx.set('Retry-After', String(Math.ceil(shutFor / 1000)));
      ctx.body = 'Too many wrong passwords from this address: wait a minute.';
      return;
    }
    const given = readPassword(ctx.get('authorization'));
    // Digests have one length, and comparing them tells nothing about how much of the password was right.
    if (given !== undefined && timingSafeEqual(digest(given), expected)) return next();
    if (given !== undefined) limit.wrong(ctx.ip);
    ctx.status = 401;
    ctx.set('WWW-Authenticate', 'Basic realm="wxrelay", charset="UTF-8"');
    ctx.body =
      'The monitor asks for a password: MONITOR_PASSWORD, or the one it printed when it started. Any user name will do.';
  };
}

function readPassword(authorization: string): string | undefined {
  const [, credentials] = /^basic +(\S+)$/i.exec(authorization) ?? [];
  if (credentials === undefined) return undefined;
  const text = Buffer.from(credentials, 'base64').toString();
  return text.slice(text.indexOf(':') + 1);
}

const digest = (text: string) => createHash('sha256').update(text).digest();
