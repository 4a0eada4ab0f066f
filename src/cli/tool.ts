// What the tools begin with: commands that do one thing, print it, and end.
import type { Redis } from 'ioredis';
import { type Config, type Need, readConfig } from '../config.ts';
import { createLog, type Logger } from '../log.ts';
import { printError } from './print.ts';
import { reachRedis, wordedFailure } from './reach-redis.ts';
import { readToolEnv } from './running-env.ts';

export const TOOL_JSON_OPTION = ['--json', 'print one JSON object a line'] as const;

/** Writes to stderr: stdout is for what a tool prints. What goes as it should is not said, unless LOG_LEVEL asks for more. */
export const createToolLog = (tool: string, { logLevel }: Config): Logger =>
  createLog(tool, logLevel === 'info' ? 'warn' : logLevel, undefined, 2);

interface ToolParts {
  readonly config: Config;
  readonly redis: Redis;
  readonly log: Logger;
}

/** Runs a tool with the Redis of the other processes; where that is away, it fails soon, for a person waits. */
export async function withRedis(
  tool: string,
  needs: readonly Need[],
  use: (parts: ToolParts) => Promise<void>,
): Promise<void> {
  const config = readConfig(readToolEnv(), ['redis', ...needs]);
  const log = createToolLog(tool, config);
  const redis = await reachRedis(config.redisUrl);
  try {
    await use({ config, redis, log });
  } catch (error) {
    throw await wordedFailure(redis, error);
  } finally {
    redis.disconnect();
  }
}

/** What a list says where it is empty; with `--json` nothing is. On stderr, as all that is not of the list itself. */
export function sayEmpty(json: boolean | undefined, sentence: string): void {
  if (!json) printError(sentence);
}
