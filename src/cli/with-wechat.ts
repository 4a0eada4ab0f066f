import type { Redis } from 'ioredis';
import type { WeChat } from '../api/client.ts';
import { ApiError, NetworkError } from '../api/errors.ts';
import { type Config, readConfig } from '../config.ts';
import { ConfigError, toError } from '../errors.ts';
import { silentLog } from '../log.ts';
import { printError } from './print.ts';
import { reachRedis } from './reach-redis.ts';
import { readToolEnv } from './running-env.ts';
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
  const config = readConfig(readToolEnv(), ['tool']);
  // What goes wrong is printed below, once.
  const log = config.logLevel === 'debug' ? createToolLog('tool', config) : silentLog();
  const redis = config.redisUrl ? await reachShared(config) : undefined;
  const { wechat, http } = openWeChat({ config, redis, log });
  try {
    await use(wechat, { redis, accountTag: accountTag(config.prefix, config.account.id) });
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof NetworkError || error instanceof TypeError)) throw error;
    printError(explain(error, config));
    process.exitCode = 1;
  } finally {
    await http.close();
    redis?.disconnect();
  }
}

/** The shared Redis, if it answers within a second; a call to WeChat can do without. */
async function reachShared({ redisUrl, behindGateway }: Config): Promise<Redis | undefined> {
  try {
    return await reachRedis(redisUrl, 1000);
  } catch (error) {
    const instead = behindGateway ? 'It is done without.' : 'A token is fetched for this command alone.';
    const why = error instanceof ConfigError ? error.problems.join(' ') : toError(error).message;
    printError(`${why} ${instead}`);
    return undefined;
  }
}

function explain(error: ApiError | NetworkError | TypeError, { behindGateway, apiBaseUrl }: Config): string {
  if (error instanceof ApiError)
    return `${error.message}\n${(error.advice ?? error.row.meaning).zh} (errcode ${error.errcode})`;
  if (!(error instanceof NetworkError)) return error.message;
  const where = behindGateway ? 'WECHAT_GATEWAY_URL' : `WECHAT_API_BASE_URL, ${new URL(apiBaseUrl).host}`;
  return `${error.message} (${where})${error.inDoubt ? '; it may have been carried out all the same.' : ''}`;
}
