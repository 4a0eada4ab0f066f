// Who calls, and how often they may.
import type { Middleware } from 'koa';
import type { GuessLimit } from '../guess-limit.ts';
import type { CallLimits } from '../store/call-limits.ts';
import { type ClientTokens, isClientToken } from './client-tokens.ts';
import type { Client, Clients } from './clients.ts';
import { matches } from './paths.ts';
import { Refusal } from './refusal.ts';

/** What the middlewares of a call tell each other. */
export interface CallState {
  /** As it came, and without the query. */
  path: string;
  query: URLSearchParams;
  client?: Client;
  /** By a token of the gateway's own, not by its key. */
  byToken?: boolean;
  /** How a refusal is told. */
  errors?: 'http' | 'wechat';
  /** The HTTP status of a refusal, also where it is not answered with it. */
  refused?: number;
  /** The entry of the client's allow-list, or what else it was; a label of few values. */
  allowed?: string;
  errcode?: number;
  bytesIn?: number;
  bytesOut?: number;
  /** The answer could not be passed on whole. */
  cut?: boolean;
}

/**
 * Finds the client by its key: `Authorization: Bearer <key>`; or, for libraries that can set no header, in place of the
 * access_token, where a token of the gateway's own may stand too. Wrong keys shut their address out for wrong keys alone: behind a reverse proxy it is everybody's.
 */
export function requireKey(clients: () => Clients, tokens: ClientTokens, guesses: GuessLimit): Middleware {
  return async (ctx, next) => {
    const [inQuery = '', ...more] = tokensIn(ctx.state.query);
    const [, inHeader] = /^bearer +(\S+)$/i.exec(ctx.get('authorization')) ?? [];
    const key = inHeader ?? inQuery;
    const byToken = inHeader === undefined && isClientToken(inQuery);
    const client = byToken ? tokens.find(inQuery) : key ? clients().find(key) : undefined;
    ctx.state.errors = client?.errors ?? (inQuery && !inHeader ? 'wechat' : 'http');
    if (byToken && !client) throw new Refusal('noKey', TOKEN_GONE, { as: REFUSED_TOKEN });
    if (!client) {
      refuseGuessing(guesses, ctx.ip);
      if (key) guesses.wrong(ctx.ip);
      throw inQuery && !inHeader
        ? new Refusal('noKey', TOKEN_AS_KEY, { as: REFUSED_TOKEN })
        : new Refusal('noKey', NO_KEY);
    }
    ctx.state.client = client;
    ctx.state.byToken = byToken;
    if (more.length > 0 || (inQuery && inQuery !== key)) throw new Refusal('ownToken', OWN_TOKEN);
    await next();
  };
}

/** The one errcode after which every library fetches a token anew. */
const REFUSED_TOKEN = 40001;

export function refuseGuessing(guesses: GuessLimit, address: string): void {
  const shutFor = guesses.shutFor(address);
  if (shutFor > 0)
    throw new Refusal('guessing', 'too many wrong keys from this address: wait a minute.', { retryAfter: shutFor });
}

/** An empty one is none: it is what an SDK without a token sends. */
function tokensIn(query: URLSearchParams): string[] {
  return [...query].flatMap(([name, value]) => (name.toLowerCase() === 'access_token' && value ? [value] : []));
}

const NO_KEY =
  'no key, or one that GATEWAY_CONFIG does not have: send "Authorization: Bearer <key>". "wxrelay gateway key NAME" makes one.';
const TOKEN_GONE =
  'the access_token has expired, or the key that it was given for is gone: fetch another at /cgi-bin/token, with a key as secret.';
const TOKEN_AS_KEY =
  'the access_token of the query is no key of GATEWAY_CONFIG. The gateway adds the account’s token by itself: send your key as "Authorization: Bearer <key>", or in place of the access_token.';
const OWN_TOKEN =
  'the query carries an access_token of its own. The gateway adds the account’s by itself: leave it out.';

/** Counts a call against all limits of its client that concern it; what one of them refuses costs the others nothing. */
export async function countCall(limits: CallLimits, client: Client, path: string): Promise<void> {
  const bounds = [
    ...client.limits
      .filter(({ pattern }) => matches(pattern, path))
      .map(({ pattern, limit }) => ({ name: `${client.name}:${pattern}`, limit, what: pattern })),
    ...(client.limit ? [{ name: client.name, limit: client.limit, what: 'everything' }] : []),
  ];
  for (const [index, { name, limit, what }] of bounds.entries()) {
    const retryAfter = await limits.take(name, limit);
    if (retryAfter === 0) continue;
    await Promise.all(bounds.slice(0, index).map((taken) => limits.giveBack(taken.name, taken.limit)));
    const bound = `${what} ${limit.calls} times in ${limit.seconds} s`;
    throw new Refusal('tooOften', `this key may call ${bound} (its limits are in GATEWAY_CONFIG).`, { retryAfter });
  }
}
