import type { Context } from 'koa';
import { toError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { mergeLines } from '../merged-lines.ts';
import * as metrics from '../metrics.ts';
import { SignatureError } from '../wechat/errors.ts';
import { NotKeptError } from './accept.ts';
import { BodyError, MAX_BODY } from './body.ts';

export type Refuse = (ctx: Context, thrown: unknown) => void;

/**
 * Answers a request that is not accepted. HTTP says only the status; what was wrong is in the log: at once the first time, and
 * from then on once a minute with a count, for anybody can send requests.
 */
export function createRefuse(log: Logger): Refuse {
  const merged = mergeLines();
  return (ctx, thrown) => {
    const error = toError(thrown);
    if (error instanceof SignatureError) {
      const { reason, message: why } = error;
      merged(reason, (count) => log.warn({ reason, why, count }, 'push.unauthorized'));
      metrics.pushes.inc({ type: 'other', outcome: 'unauthorized' });
      ctx.status = 401;
    } else if (error instanceof BodyError) {
      const { status, message: why } = error;
      // 500: the program that mounted the middleware has to be changed.
      const level = status === 500 ? 'error' : 'warn';
      merged(String(status), (count) => log[level]({ status, why, count }, 'push.unreadable'));
      metrics.pushes.inc({ type: 'other', outcome: 'unreadable' });
      ctx.status = status;
    } else {
      log.error(error instanceof NotKeptError ? { why: error.message } : { err: error }, 'push.not_kept');
      ctx.status = 500;
    }
    metrics.acks.inc({ answer: String(ctx.status) });
    ctx.body = '';
    leaveUnread(ctx);
  };
}

/** Node reads on to the end of a body that nobody wants, to keep the connection; for one of any length that is too much. */
function leaveUnread(ctx: Context): void {
  const isShort = Number(ctx.get('content-length')) <= MAX_BODY && !ctx.get('transfer-encoding');
  if (!ctx.req.complete && !isShort) ctx.set('Connection', 'close');
}
