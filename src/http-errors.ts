import type Koa from 'koa';
import type { Logger } from './log.ts';

/** What Node reports where a client closed its connection, broke off its request (HPE_*: its HTTP parser) or took too long over it. */
const HUNG_UP = /^(ECONNRESET|EPIPE|ERR_STREAM_PREMATURE_CLOSE|ERR_HTTP_REQUEST_TIMEOUT|HPE_\w+)$/;

/** Whether the client of a request has gone: no fault of ours, and nobody is left to answer. */
export const clientHungUp = ({ code = '' }: { code?: string }, ctx?: Koa.Context): boolean =>
  HUNG_UP.test(code) && ctx !== undefined && (!ctx.req.complete || ctx.req.socket.destroyed);

/**
 * Logs the errors that Koa hands to its app. It reports a client that hung up too, though the code that read the body has
 * logged that already, or nobody needed it (koa 3.3.0).
 */
export function logHttpErrors(app: Koa, log: Logger): void {
  app.on('error', (error: Error & { code?: string }, ctx?: Koa.Context) => {
    if (clientHungUp(error, ctx)) log.debug({ code: error.code }, 'http.client_hung_up');
    else log.warn({ err: error }, 'http.error');
  });
}
