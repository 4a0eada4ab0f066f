import type { Context } from 'koa';
import { toError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { mergeLines } from '../merged-lines.ts';
import * as metrics from '../metrics.ts';
import { SignatureError } from '../wechat/errors.ts';
import { NotKeptError } from './accept.ts';
import { BodyError } from './body.ts';

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
    // Of a body that is still coming Node drops the rest, for as long as a request may take: a connection that is closed with bytes
    // unread takes the answer with it.
    ctx.body = '';
  };
}
