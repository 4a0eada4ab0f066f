import type { Redis } from 'ioredis';
import type { WeChat } from '../api/client.ts';
import { ApiError, NetworkError } from '../api/errors.ts';
import { type Config, readConfig, readEnv } from '../config.ts';
import { toError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { createToolLog } from './tool.ts';

/** What the other processes know. */
export interface Shared {
  /** Where REDIS_URL is set and answers. */
  readonly redis: Redis | undefined;
  readonly accountTag: string;
}

/**
 * Runs a tool with the API of the configured account, or with that of its gateway. Where REDIS_URL is set and answers, the
 * token, the JS-SDK ticket, and what WeChat holds back are shared with the other processes. What WeChat, the network or a
 * check says no to is printed to the person.
 */
export async function withWeChat(use: (wechat: WeChat, shared: Shared) => Promise<void>): Promise<void> {
  const { openWeChat } = await import('../store/wechat.ts');
  const { accountTag } = await import('../store/keys.ts');
  const config = readConfig(readEnv(), ['tool']);
  const log = createToolLog('tool', config);
  const redis = config.redisUrl ? await reachRedis(config, log) : undefined;
  const { wechat, http } = openWeChat({ config, redis, log });
  try {
    await use(wechat, { redis, accountTag: accountTag(config.prefix, config.account.id) });
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof NetworkError || error instanceof TypeError)) throw error;
    console.error(explain(error));
    process.exitCode = 1;
  } finally {
    await http.close();
    redis?.disconnect();
  }
}

/** The shared Redis, if it answers within a second: nobody wants to wait for it here as a worker does. */
async function reachRedis({ redisUrl, behindGateway }: Config, log: Logger): Promise<Redis | undefined> {
  const { connectTool } = await import('../store/connection.ts');
  const { sayRefusal } = await import('../store/refusal.ts');
  const { soon } = await import('../store/soon.ts');
  let why = '';
  let reached = false;
  const redis = connectTool(redisUrl, (error) => {
    why = sayRefusal(error) ?? error.message;
    if (reached) log.warn({ err: error }, 'redis.error');
  });
  try {
    await soon(redis.ping());
    reached = true;
    return redis;
  } catch (error) {
    redis.disconnect();
    const instead = behindGateway ? 'It is done without.' : 'A token is fetched for this command alone.';
    console.error(`REDIS_URL: ${(why || toError(error).message).replace(/\.$/, '')}. ${instead}`);
    return undefined;
  }
}

function explain(error: ApiError | NetworkError | TypeError): string {
  if (error instanceof ApiError)
    return `${error.message}\n${(error.advice ?? error.row.meaning).zh} (errcode ${error.errcode})`;
  if (error instanceof NetworkError && error.inDoubt)
    return `${error.message}; it may have been carried out all the same.`;
  return error.message;
}
