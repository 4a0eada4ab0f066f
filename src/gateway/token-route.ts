import type { Middleware } from 'koa';
import type { CallLimits } from '../store/call-limits.ts';
import { countCall } from './access.ts';
import type { Client } from './clients.ts';
import { Refusal } from './refusal.ts';
import { type HeldTokens, tokenOrRefuse } from './tokens.ts';

interface Options {
  readonly tokens: HeldTokens;
  readonly limits: CallLimits;
}

/**
 * `GET /token`: the access_token and the seconds it has left. `?failed=<token>` says that WeChat refused that one: if it is
 * the one in use, WeChat is asked for another first, which may be the same.
 */
export function tokenRoute({ tokens, limits }: Options): Middleware {
  return async (ctx) => {
    const client: Client = ctx.state.client;
    ctx.state.allowed = 'token';
    if (ctx.state.byToken)
      throw new Refusal('notAllowed', 'a token of the gateway’s own gives no other: send the key in a header.');
    if (!client.token)
      throw new Refusal('notAllowed', `"${client.name}" may not have the token: set "token": true in GATEWAY_CONFIG.`);
    await countCall(limits, client, '/token');
    const failed = ctx.state.query.get('failed');
    const token = await tokenOrRefuse(failed ? tokens.replace(failed) : tokens.get());
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { access_token: token, expires_in: tokens.secondsLeft(token) };
  };
}
