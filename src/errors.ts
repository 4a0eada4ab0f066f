/** Refuses to start. `problems` lists everything that is wrong, each with what to do about it. */
export class ConfigError extends Error {
  override name = 'ConfigError' as const;
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`wxrelay cannot start:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
    this.problems = problems;
  }
}

/**
 * What an error says, without what it quotes: `JSON.parse` and its like quote their input, which may be a user's words.
 * For logs and jobs.
 */
export const withoutQuotes = (message: string): string =>
  // From the first to the last of a kind: what is quoted may hold quotes itself, and may be cut off.
  message.replace(/".*("|$)|'.*'|`.*(`|$)|“.*(”|$)|「.*(」|$)/gs, '"…"');

/** Anything may be thrown; this makes an Error of it, once, at the boundary. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
