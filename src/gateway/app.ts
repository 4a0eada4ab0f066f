import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import { createGuessLimit } from '../guess-limit.ts';
import { logHttpErrors } from '../http-errors.ts';
import type { Logger } from '../log.ts';
import { requireKey } from './access.ts';
import { audit } from './audit.ts';
import { clientTokenRoute } from './client-token-route.ts';
import type { ClientTokens } from './client-tokens.ts';
import type { Clients } from './clients.ts';
import { answerRefusals, Refusal } from './refusal.ts';

interface Options {
  readonly appId: string;
  readonly clients: () => Clients;
  readonly clientTokens: ClientTokens;
  /** Whether an access_token is at hand. */
  isReady(): Promise<boolean>;
  /** What answers `GET /token`, and what all else; `undefined` where the gateway's role does not include it. */
  readonly token: Middleware | undefined;
  readonly proxy: Middleware | undefined;
  /** What answers `POST /send`. */
  readonly send: Middleware;
  readonly log: Logger;
}

/** The gateway's HTTP side. Only `/healthz` and `/readyz` are open to everybody. */
export function createApp({ appId, clients, clientTokens, isReady, token, proxy, send, log }: Options): Koa {
  const health = new Router()
    .get('/healthz', (ctx) => {
      ctx.body = 'ok';
    })
    .get('/readyz', async (ctx) => {
      const ready = await isReady();
      ctx.status = ready ? 200 : 503;
      ctx.body = ready ? 'ready' : 'there is no access_token: the log says why';
    });
  const app = new Koa();
  logHttpErrors(app, log);
  app.use(health.routes());
  app.use(audit(log));
  app.use(answerRefusals(log));
  const guesses = createGuessLimit();
  if (proxy) app.use(clientTokenRoute({ appId, clients, tokens: clientTokens, guesses }));
  app.use(requireKey(clients, clientTokens, guesses));
  app.use((ctx, next) => {
    if (ctx.state.path === '/send' && ctx.method === 'POST') return send(ctx, next);
    const isToken = ctx.state.path === '/token' && ctx.method === 'GET';
    const served = isToken ? token : proxy;
    if (served) return served(ctx, next);
    const missing = isToken ? '--role proxy: it hands out no token' : '--role token: it passes no call on';
    throw new Refusal('notFound', `this gateway runs as ${missing}.`);
  });
  return app;
}
