import type { Context, Middleware } from 'koa';
import type { GuessLimit } from '../guess-limit.ts';
import { refuseGuessing } from './access.ts';
import { type ClientTokens, TOKEN_LIFE } from './client-tokens.ts';
import type { Clients } from './clients.ts';
import { Refusal } from './refusal.ts';
import { readBody } from './request-body.ts';

interface Options {
  /** Of the account that the gateway serves. */
  readonly appId: string;
  readonly clients: () => Clients;
  readonly tokens: ClientTokens;
  readonly guesses: GuessLimit;
}

/** Where a library asks WeChat for a token: with the query, and with JSON. (获取接口调用凭据, 获取稳定版接口调用凭据.) */
const isLogin = ({ method, state: { path } }: Context) =>
  (path === '/cgi-bin/token' && (method === 'GET' || method === 'POST')) ||
  (path === '/cgi-bin/stable_token' && method === 'POST');

/**
 * The gateway in WeChat's place (中控服务器) for a library that knows nothing of gateways: a `secret` that is a key gets a
 * token of the gateway's own, which then stands where WeChat's would.
 */
export function clientTokenRoute({ appId, clients, tokens, guesses }: Options): Middleware {
  return async (ctx, next) => {
    if (!isLogin(ctx) || ctx.get('authorization')) return next();
    ctx.state.errors = 'wechat';
    ctx.state.allowed = 'client token';
    const { grant_type: grant, appid, secret } = await parametersOf(ctx);
    if (grant !== 'client_credential')
      throw new Refusal('badRequest', 'grant_type has to be client_credential.', { as: 40002 });
    if (typeof secret !== 'string' || !secret)
      throw new Refusal('noKey', 'secret is missing: it has to be a key of the gateway.', { as: 41004 });
    const client = clients().find(secret);
    if (!client) {
      refuseGuessing(guesses, ctx.ip);
      guesses.wrong(ctx.ip);
      throw new Refusal('noKey', 'secret is no key of GATEWAY_CONFIG.', { as: 40125 });
    }
    ctx.state.client = client;
    if (appId && appid !== appId)
      throw new Refusal('badRequest', 'appid is not that of the account of this gateway.', { as: 40013 });
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { access_token: tokens.issue(client, secret), expires_in: TOKEN_LIFE };
  };
}

async function parametersOf(ctx: Context): Promise<Record<string, string | undefined>> {
  if (ctx.method === 'GET') return Object.fromEntries(ctx.state.query);
  const read = await readBody(ctx.req, (bytes) => {
    ctx.state.bytesIn = bytes;
  });
  if (read.kind === 'stream') {
    read.discard();
    throw new Refusal('tooLarge', 'the body has more than 256 KiB.');
  }
  const query = Object.fromEntries(ctx.state.query);
  try {
    return { ...query, ...(JSON.parse(read.bytes.toString()) as Record<string, string>) };
  } catch {
    return query;
  }
}
