/** One page of openids, as the lists of followers, of a tag and of the blacklist have it. */
export interface OpenidPage {
  /** How many there are in all; the list of a tag has no such field. */
  readonly total?: number;
  /** How many this page has. */
  readonly count: number;
  /** Absent on an empty page. */
  readonly data?: { readonly openid: readonly string[] };
  /** Where the next page begins; empty after the last. */
  readonly next_openid?: string;
}

/** All openids of a list, page after page, each page fetched when the one before it is used up. */
export async function* openids(pageAfter: (openid: string) => Promise<OpenidPage>): AsyncGenerator<string, void> {
  for (let after = ''; ; ) {
    const { data, next_openid: next = '' } = await pageAfter(after);
    yield* data?.openid ?? [];
    // A page that points to itself would be read for ever.
    if (!data?.openid.length || next === '' || next === after) return;
    after = next;
  }
}
