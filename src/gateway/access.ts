// Who calls, and how often they may.
import type { Middleware } from 'koa';
import { createGuessLimit, type GuessLimit } from '../guess-limit.ts';
import type { CallLimits } from '../store/call-limits.ts';
import type { Client, Clients } from './clients.ts';
import { matches } from './paths.ts';
import { Refusal } from './refusal.ts';

/** What the middlewares of a call tell each other. */
export interface CallState {
  /** As it came, and without the query. */
  path: string;
  query: URLSearchParams;
  client?: Client;
  /** The entry of the client's allow-list, or what else it was; a label of few values. */
  allowed?: string;
  errcode?: number;
  bytesIn?: number;
  bytesOut?: number;
  /** The answer could not be passed on whole. */
  cut?: boolean;
}

/**
 * Finds the client by its key: `Authorization: Bearer <key>`, or, for libraries that can set no header, the key in place
 * of the access_token. Wrong keys shut their address out for wrong keys alone: behind a reverse proxy it is everybody's.
 */
export function requireKey(clients: () => Clients, guesses: GuessLimit = createGuessLimit()): Middleware {
  return async (ctx, next) => {
    const [inQuery = '', ...more] = tokensIn(ctx.state.query);
    const [, inHeader] = /^bearer +(\S+)$/i.exec(ctx.get('authorization')) ?? [];
    const key = inHeader ?? inQuery;
    const client = key ? clients().find(key) : undefined;
    if (!client) {
      const shutFor = guesses.shutFor(ctx.ip);
      if (shutFor > 0)
        throw new Refusal('guessing', 'too many wrong keys from this address: wait a minute.', { retryAfter: shutFor });
      if (key) guesses.wrong(ctx.ip);
      throw new Refusal('noKey', inQuery && !inHeader ? TOKEN_AS_KEY : NO_KEY);
    }
    ctx.state.client = client;
    if (more.length > 0 || (inQuery && inQuery !== key)) throw new Refusal('ownToken', OWN_TOKEN);
    await next();
  };
}

/** An empty one is none: it is what an SDK without a token sends. */
function tokensIn(query: URLSearchParams): string[] {
  return [...query].flatMap(([name, value]) => (name.toLowerCase() === 'access_token' && value ? [value] : []));
}

const NO_KEY =
  'no key, or one that GATEWAY_CONFIG does not have: send "Authorization: Bearer <key>". "wxrelay gateway key NAME" makes one.';
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
