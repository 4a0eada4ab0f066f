import type { Middleware } from 'koa';
import type { Logger } from '../log.ts';
import * as metrics from '../metrics.ts';
import type { CallState } from './access.ts';
import { isCanonical } from './paths.ts';

/** One line for each call: who, what, and what came of it. Never a key, a token, a query or a body. */
export const audit =
  (log: Logger): Middleware =>
  async (ctx, next) => {
    const started = Date.now();
    // Split once, here: everything behind goes by these, never by another reading of the same request.
    const url = originForm(ctx.req.url ?? '');
    const at = url.indexOf('?');
    ctx.state.path = at === -1 ? url : url.slice(0, at);
    ctx.state.query = new URLSearchParams(at === -1 ? '' : url.slice(at + 1));
    try {
      await next();
    } finally {
      const { path, client, allowed, errcode, refused, bytesIn, bytesOut, cut } = ctx.state as CallState;
      const ms = Date.now() - started;
      const name = client?.name ?? 'none';
      metrics.gatewayRequests.inc({ client: name, allowed: allowed ?? 'none', status: String(refused ?? ctx.status) });
      metrics.gatewaySeconds.observe(ms / 1000);
      log.info(
        {
          client: name,
          method: ctx.method,
          // What is no path of the API may be anything, a secret too.
          path: isCanonical(path) ? path : 'not canonical',
          status: ctx.status,
          ...(errcode === undefined ? {} : { errcode }),
          ms,
          bytesIn: bytesIn ?? 0,
          bytesOut: bytesOut ?? ctx.length ?? 0,
          ...(cut ? { cut } : {}),
        },
        'gateway.call',
      );
    }
  };

/** A client that takes the gateway for its forward proxy names a server too: what counts is the rest. (RFC 9112, 3.2.2.) */
const originForm = (target: string): string => target.replace(/^https?:\/\/[^/?#]*/i, '').replace(/^(?=\?|$)/, '/');
