// Fetches what an answer shows from its address: within limits, for the address may come from a user or a model.
import { createHash } from 'node:crypto';
import { lookup } from 'node:dns';
import { isIP } from 'node:net';
import { basename } from 'node:path';
import { Agent, type Dispatcher } from 'undici';
import { UnsuitableError } from '../api/upload.ts';
import { isPrivate } from './private-address.ts';

/** The address will never give a file: no use in trying again. */
export class UnfetchableError extends Error {
  override name = 'UnfetchableError' as const;
}

export const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('base64url');

export interface Fetched {
  readonly bytes: Buffer;
  readonly filename: string;
}

export interface Fetcher {
  /** Throws `UnfetchableError`, `UnsuitableError` for a file that is too big, or another error where a later try may succeed. */
  fetch(url: string): Promise<Fetched>;
  close(): Promise<void>;
}

/** What the largest media may weigh, in bytes. */
const MAX_BYTES = 10 * 1024 * 1024;
/** Milliseconds from beginning to end. */
const WITHIN = 10_000;
const REDIRECTS = 3;

/** @param allowPrivate whether addresses of private networks and of this machine may be fetched from */
export function createFetcher(allowPrivate: boolean): Fetcher {
  // Never through a proxy: that would look the name up itself, and the guard would see the proxy's address alone.
  const agent = new Agent({
    connect: allowPrivate ? { timeout: WITHIN } : { timeout: WITHIN, lookup: lookupPublic as typeof lookup },
    connections: 8,
  });
  const once = async (url: URL, signal: AbortSignal): Promise<Dispatcher.ResponseData> => {
    if (url.protocol !== 'http:' && url.protocol !== 'https:')
      throw new UnfetchableError(`${url.protocol} addresses are not fetched`);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (!allowPrivate && isIP(host) && isPrivate(host)) throw new UnfetchableError(PRIVATE);
    return agent.request({ origin: url.origin, path: url.pathname + url.search, method: 'GET', signal });
  };
  return {
    async fetch(from) {
      const signal = AbortSignal.timeout(WITHIN);
      let url = new URL(from);
      for (let redirects = 0; ; redirects++) {
        const filename = nameIn(url);
        const { statusCode: status, headers, body } = await once(url, signal).catch(unfetchable);
        if (status >= 300 && status < 400 && typeof headers['location'] === 'string' && redirects < REDIRECTS) {
          await body.dump();
          url = new URL(headers['location'], url);
          continue;
        }
        if (status !== 200) {
          await body.dump();
          const why = `the address of a file answered ${status}`;
          throw status >= 500 || status === 429 ? new Error(why) : new UnfetchableError(why);
        }
        return { bytes: await readAll(body), filename };
      }
    },
    close: () => agent.destroy(),
  };
}

function nameIn({ pathname }: URL): string {
  try {
    return basename(decodeURIComponent(pathname));
  } catch {
    throw new UnfetchableError('the address of a file has a % that encodes nothing');
  }
}

async function readAll(body: Dispatcher.ResponseData['body']): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new UnsuitableError(`The file at the address has more than ${MAX_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

const PRIVATE = 'the address is in a private network; WXRELAY_FETCH_PRIVATE=on allows that';

/** The name of the host may lead anywhere: what it leads to is looked at, and connected to. */
const lookupPublic = ((host: string, options: object, callback: (...args: unknown[]) => void) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error);
    if (addresses.some(({ address }) => isPrivate(address))) return callback(new UnfetchableError(PRIVATE));
    if ((options as { all?: boolean }).all) return callback(null, addresses);
    return callback(null, addresses[0]?.address, addresses[0]?.family);
  });
}) as unknown;

/** undici may wrap what the lookup threw. */
function unfetchable(error: Error & { cause?: unknown }): never {
  throw error.cause instanceof UnfetchableError ? error.cause : error;
}
