// Fetches the pictures of Markdown: a model wrote their addresses, so nobody waits long for them, and nothing is tried twice.
import { UnsuitableError } from '../api/upload.ts';
import { type Fetcher, UnfetchableError } from './fetch-file.ts';

/** So many pictures are being fetched that this one has to wait for its turn. */
export class BusyError extends Error {
  override name = 'BusyError' as const;
}

/** Pictures that are fetched at once from one host. */
const PER_HOST = 4;
/** Milliseconds for which nothing is fetched from a host that failed or did not answer. */
const AILING = 30_000;

/**
 * Fetches a picture once. Throws `UnfetchableError` or `UnsuitableError` where it cannot be had, and `BusyError`.
 * @param most pictures that are fetched at once from all hosts
 */
export function createPictureFetcher(fetcher: Fetcher, most: number): Pick<Fetcher, 'fetch'> {
  const ailing = new Set<string>();
  const fetching: string[] = [];
  const ails = (host: string) => {
    ailing.add(host);
    setTimeout(() => ailing.delete(host), AILING).unref();
  };
  return {
    async fetch(url) {
      const { host } = new URL(url);
      if (ailing.has(host)) throw new UnfetchableError('the host of a picture failed a moment ago');
      if (fetching.length >= most || fetching.filter((one) => one === host).length >= PER_HOST)
        throw new BusyError('other pictures are being fetched');
      fetching.push(host);
      try {
        return await fetcher.fetch(url);
      } catch (error) {
        if (error instanceof UnfetchableError || error instanceof UnsuitableError) throw error;
        ails(host);
        throw new UnfetchableError('the host of a picture failed', { cause: error });
      } finally {
        fetching.splice(fetching.indexOf(host), 1);
      }
    },
  };
}
