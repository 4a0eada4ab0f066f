// What the tools begin with: commands that do one thing, print it, and end.
import type { Redis } from 'ioredis';
import { type Config, type Need, readConfig, readEnv } from '../config.ts';
import { createLog, type Logger } from '../log.ts';

export const TOOL_JSON_OPTION = ['--json', 'print one JSON object a line'] as const;

/** Writes to stderr: stdout is for what a tool prints. What goes as it should is not said, unless LOG_LEVEL asks for more. */
export const createToolLog = (tool: string, { logLevel }: Config): Logger =>
  createLog(tool, logLevel === 'info' ? 'warn' : logLevel, undefined, 2);

interface ToolParts {
  readonly config: Config;
  readonly redis: Redis;
  readonly log: Logger;
}

/** Runs a tool with the Redis of the other processes, which it waits for. */
export async function withRedis(
  tool: string,
  needs: readonly Need[],
  use: (parts: ToolParts) => Promise<void>,
): Promise<void> {
  const { connectTool } = await import('../store/connection.ts');
  const { refusalOf, sayRefusal } = await import('../store/refusal.ts');
  const config = readConfig(readEnv(), ['redis', ...needs]);
  const log = createToolLog(tool, config);
  const redis = connectTool(config.redisUrl, (error) => refusalOf(error) ?? log.warn({ err: error }, 'redis.error'));
  try {
    await use({ config, redis, log });
  } catch (error) {
    const refusal = sayRefusal(error);
    if (!refusal) throw error;
    console.error(`REDIS_URL: ${refusal}`);
    process.exitCode = 1;
  } finally {
    redis.disconnect();
  }
}
