import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import { logHttpErrors } from '../http-errors.ts';
import type { Logger } from '../log.ts';
import { BOARD_PATH } from './board.ts';
import { refuseForeignWrites, securityHeaders } from './browser-rules.ts';
import { METRICS_TYPE } from './metrics.ts';
import { requirePassword } from './password.ts';

/** What there is to see. */
export interface Pages {
  readonly board: Middleware;
  metrics(): Promise<string>;
}

interface Options {
  readonly password: string;
  /** The pages; `undefined` while Redis does not answer. */
  open(): Promise<Pages | undefined>;
  readonly log: Logger;
}

/** The monitor's HTTP side. Only `/healthz` is open to everybody. */
export function createApp({ password, open, log }: Options): Koa {
  const health = new Router().get('/healthz', (ctx) => {
    ctx.body = 'ok';
  });
  const app = new Koa<{ pages: Pages }>();
  const router = new Router<{ pages: Pages }>().redirect('/', BOARD_PATH, 302).get('/metrics', async (ctx) => {
    ctx.body = await ctx.state.pages.metrics();
    ctx.set('Content-Type', METRICS_TYPE);
  });
  logHttpErrors(app, log);
  app.use(securityHeaders);
  app.use(health.routes());
  app.use(requirePassword(password));
  app.use(refuseForeignWrites);
  app.use(async (ctx, next) => {
    const pages = await open();
    if (pages) {
      ctx.state.pages = pages;
      return next();
    }
    ctx.status = 503;
    ctx.set('Retry-After', '5');
    ctx.body =
      'Redis does not answer, and all that the monitor shows is in it. What waits there goes on when it is back.';
  });
  app.use(router.routes());
  app.use((ctx, next) => ctx.state.pages.board(ctx, next));
  return app;
}
