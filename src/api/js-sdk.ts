import { randomBytes } from 'node:crypto';
import type { Logger } from '../log.ts';
import { jsSdkSignature } from '../wechat/js-sdk.ts';
import type { Api } from './api.ts';
import { get } from './endpoint.ts';
import { ApiError } from './errors.ts';
import type { StoredToken } from './token-cache.ts';

/** What `wx.config` of a page takes, together with `jsApiList`. */
export interface JsSdkConfig {
  readonly appId: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly nonceStr: string;
  readonly signature: string;
}

/** Pages inside WeChat (JS-SDK). */
export interface JsSdkApi {
  /**
   * The jsapi_ticket, fetched once and kept until shortly before it ends; WeChat lets an account fetch few.
   * GET /cgi-bin/ticket/getticket?type=jsapi
   */
  ticket(): Promise<string>;
  /** For the page of this URL, as the browser has it. Its domain must be among the account's JS接口安全域名. */
  signature(url: string): Promise<JsSdkConfig>;
}

/** Where processes share the ticket. It needs no lock, for a second fetch does no harm. */
export interface TicketCache {
  read(): Promise<StoredToken | undefined>;
  write(ticket: StoredToken): Promise<void>;
}

export interface JsSdkOptions {
  readonly appId: string;
  /** Without it the ticket is kept in the memory of this process. */
  readonly cache?: TicketCache;
  readonly log: Logger;
  readonly now?: () => number;
}

/** Milliseconds before its end from which a ticket is not handed out: a page is signed now and checked a moment later. */
const EARLY = 300_000;
/** How long a refusal is believed, in milliseconds: each view of a page would ask again, and burn the quota. */
const REFUSED_FOR = 30_000;

export function createJsSdkApi(api: Api, { appId, cache, log, now = Date.now }: JsSdkOptions): JsSdkApi {
  let mine: StoredToken | undefined;
  let waiting: Promise<string> | undefined;
  let refused: { error: ApiError; until: number } | undefined;
  const usable = (ticket: StoredToken | undefined) => ticket !== undefined && ticket.refreshAt > now();
  const unreachable = (error: unknown) => log.warn({ err: error }, 'ticket.cache_unreachable');

  const fetchOrRemember = async (): Promise<StoredToken> => {
    if (refused && refused.until > now()) throw refused.error;
    try {
      return await fetchTicket(api, now());
    } catch (error) {
      if (error instanceof ApiError && error.row.reaction !== 'retry') refused = { error, until: now() + REFUSED_FOR };
      throw error;
    }
  };
  const find = async (): Promise<string> => {
    const shared = await cache?.read().catch(unreachable);
    if (shared && usable(shared)) mine = shared;
    else {
      mine = await fetchOrRemember();
      await cache?.write(mine).catch(unreachable);
    }
    return mine.token;
  };
  const ticket = async (): Promise<string> => {
    if (mine && usable(mine)) return mine.token;
    waiting ??= find().finally(() => {
      waiting = undefined;
    });
    return waiting;
  };
  return {
    ticket,
    async signature(url) {
      const nonceStr = randomBytes(16).toString('hex');
      const timestamp = Math.floor(now() / 1000);
      return {
        appId,
        timestamp,
        nonceStr,
        signature: jsSdkSignature({ ticket: await ticket(), nonceStr, timestamp, url }),
      };
    },
  };
}

async function fetchTicket(api: Api, now: number): Promise<StoredToken> {
  const path = '/cgi-bin/ticket/getticket';
  const { ticket, expires_in: seconds } = await get<{ ticket?: unknown; expires_in?: unknown }>(api, path, {
    type: 'jsapi',
  });
  const life = Number(seconds) * 1000;
  if (typeof ticket !== 'string' || !ticket || !Number.isFinite(life)) throw new Error(`${path} answered no ticket`);
  return { token: ticket, expiresAt: now + life, refreshAt: now + life - Math.min(EARLY, life / 2) };
}
