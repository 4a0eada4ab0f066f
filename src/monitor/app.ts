import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import { logHttpErrors } from '../http-errors.ts';
import type { Logger } from '../log.ts';
import { sayRefusal } from '../store/refusal.ts';
import { BOARD_PATH } from './board.ts';
import { refuseForeignWrites, securityHeaders } from './browser-rules.ts';
import { METRICS_TYPE } from './metrics.ts';
import { requirePassword } from './password.ts';

/** What there is to see. */
export interface Pages {
  readonly board: Middleware;
  metrics(): Promise<string>;
}

export interface NoPages {
  readonly why: string;
}

interface Options {
  readonly password: string;
  /** The pages; why there are none while Redis does not answer, or refuses to. */
  open(): Promise<Pages | NoPages>;
  readonly log: Logger;
}

/** The monitor's HTTP side. Only `/healthz` is open to everybody. */
export function createApp({ password, open, log }: Options): Koa {
  const health = new Router().get('/healthz', (ctx) => {
    ctx.body = 'ok';
  });
  const app = new Koa<{ pages: Pages }>();
  const router = new Router<{ pages: Pages }>().redirect('/', BOARD_PATH, 302).get('/metrics', async (ctx) => {
    try {
      ctx.body = await ctx.state.pages.metrics();
      ctx.set('Content-Type', METRICS_TYPE);
    } catch (error) {
      const why = sayRefusal(error);
      if (!why) throw error;
      sayNothingToSee(ctx, { why });
    }
  });
  logHttpErrors(app, log);
  app.use(securityHeaders);
  app.use(health.routes());
  app.use(requirePassword(password));
  app.use(refuseForeignWrites);
  app.use(async (ctx, next) => {
    const pages = await open();
    if ('why' in pages) return sayNothingToSee(ctx, pages);
    ctx.state.pages = pages;
    return next();
  });
  app.use(router.routes());
  app.use((ctx, next) => ctx.state.pages.board(ctx, next));
  return app;
}

function sayNothingToSee(ctx: Koa.Context, { why }: NoPages): void {
  ctx.status = 503;
  ctx.set('Retry-After', '5');
  ctx.body = `${why} All that the monitor shows is in Redis. What waits there goes on by itself.`;
}
