/** How every command of `wxrelay` ends; `--help` and docs/cli.md say the same. */
export const EXIT = {
  done: 0,
  failed: 1,
  wrongUsage: 2,
  /** EX_CONFIG of sysexits.h: starting the same again would not help. */
  wrongSetup: 78,
} as const;

export const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [EXIT.done, 'done, or ended as it was told to'],
  [EXIT.failed, 'failed: Redis or WeChat is away or says no, nothing was found, a second signal forced the end'],
  [EXIT.wrongUsage, 'wrong usage: an unknown command or option, an argument that is missing or not usable'],
  [EXIT.wrongSetup, 'wrong setup: a setting, the handlers, or a port that is taken; starting it again does not help'],
];

/** A command that could not do what it was asked; its message is one line for a person. */
export class Failure extends Error {
  override name = 'Failure' as const;
}

/** A command that was called wrongly; its message says how to call it. */
export class UsageError extends Error {
  override name = 'UsageError' as const;
}
