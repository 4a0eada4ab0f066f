import type { ApiError } from './errors.ts';
import type { Unusable } from './token-cache.ts';

export interface TokenSource {
  /** A token to use now. While the account is unusable it throws the `ApiError` that says why, without asking WeChat. */
  get(): Promise<string>;
  /**
   * WeChat refused `token` (40001, 40014, 42001): a fresh one, fetched only if nobody has done so yet. It is the same where
   * WeChat gives that out again, for one refusal may be a mistake. `again`: it was refused once more after that; then WeChat
   * is made to give another, if it may be.
   */
  replace(token: string, again?: boolean): Promise<string>;
}

/** A source that fetches by itself, and so knows how the account stands. */
export interface TokenGuardian extends TokenSource {
  /** Ends the token in use, though WeChat has not refused it, and fetches anew, now. */
  refresh(): Promise<string>;
  /** What a call with a token was answered; `undefined` for success. A refusal may concern the account, and so every call. */
  heard(error: ApiError | undefined): Promise<void>;
  /** Why the account cannot use the API (40164, 40125, 40013, 40243, 89503 and the like), as far as this process knows. */
  readonly unusable: Unusable | undefined;
}

/**
 * The tokens to make one call with, each after WeChat has refused the one before: a second; and a third only where the second
 * was the same as the first, and its refusal proves that it still fails.
 */
export async function* tokensFor(tokens: Pick<TokenSource, 'replace'>, first: string): AsyncGenerator<string, void> {
  yield first;
  const second = await tokens.replace(first);
  yield second;
  if (second !== first) return;
  const third = await tokens.replace(second, true);
  if (third !== second) yield third;
}
