// Who calls, and how often they may.
import type { Middleware } from 'koa';
import { createGuessLimit, type GuessLimit } from '../guess-limit.ts';
import type { CallLimit } from '../store/call-limits.ts';
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

/** Addresses and keys remembered as good; beyond, all are forgotten. */
const WELCOME = 10_000;

/**
 * Finds the client by its key: `Authorization: Bearer <key>`, or, for libraries that can set no header, the key in place
 * of the access_token. A key that has been right from an address stays so while wrong ones shut that address out.
 */
export function requireKey(clients: () => Clients, guesses: GuessLimit = createGuessLimit()): Middleware {
  const welcome = new Set<string>();
  return async (ctx, next) => {
    const [inQuery = '', ...more] = tokensIn(ctx.state.query);
    const [, inHeader] = /^bearer +(\S+)$/i.exec(ctx.get('authorization')) ?? [];
    const key = inHeader ?? inQuery;
    const client = key ? clients().find(key) : undefined;
    const known = client && welcome.has(`${client.name} ${ctx.ip}`);
    const shutFor = known ? 0 : guesses.shutFor(ctx.ip);
    if (shutFor > 0)
      throw new Refusal('guessing', 'too many wrong keys from this address: wait a minute.', { retryAfter: shutFor });
    if (!client) {
      if (key) guesses.wrong(ctx.ip);
      throw new Refusal('noKey', inQuery && !inHeader ? TOKEN_AS_KEY : NO_KEY);
    }
    if (!known) {
      if (welcome.size >= WELCOME) welcome.clear();
      welcome.add(`${client.name} ${ctx.ip}`);
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

export type CountCall = (name: string, limit: CallLimit) => Promise<number>;

/** Counts a call against the limits of its client; the narrow ones first, so that what they refuse costs the wide one nothing. */
export async function countCall(count: CountCall, { name, limit, limits }: Client, path: string): Promise<void> {
  for (const { pattern, limit: bound } of limits) {
    if (!matches(pattern, path)) continue;
    refuseFor(await count(`${name}:${pattern}`, bound), `${pattern} ${wordsOf(bound)}`);
  }
  if (limit) refuseFor(await count(name, limit), `everything ${wordsOf(limit)}`);
}

function refuseFor(retryAfter: number, what: string): void {
  if (retryAfter > 0)
    throw new Refusal('tooOften', `this key may call ${what} (its limits are in GATEWAY_CONFIG).`, { retryAfter });
}

const wordsOf = ({ calls, seconds }: CallLimit) => `${calls} times in ${seconds} s`;
