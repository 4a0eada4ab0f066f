import { ApiError, NetworkError } from '../api/errors.ts';
import type { StandaloneWeChat } from '../api/standalone.ts';
import { type Config, readConfig, readEnv } from '../config.ts';
import { toError } from '../errors.ts';

export const TOOL_JSON_OPTION = ['--json', 'print one JSON object a line'] as const;

/**
 * Runs a tool with the client of the configured account. Its token is shared with the other processes through Redis where
 * REDIS_URL is set and answers, else kept in memory. What WeChat, the network or a check says no to is printed to the person.
 */
export async function withWeChat(use: (wechat: StandaloneWeChat) => Promise<void>): Promise<void> {
  const { createWeChat } = await import('../api/standalone.ts');
  const config = readConfig(readEnv(), ['api']);
  const { account, apiBaseUrl: baseUrl, tokenApi } = config;
  const shared = config.redisUrl ? await shareToken(config) : undefined;
  const { appId, appSecret } = account;
  const cache = shared ? { cache: shared.cache } : {};
  const wechat = createWeChat({ appId, appSecret, baseUrl, tokenApi, ...cache });
  try {
    await use(wechat);
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof NetworkError || error instanceof TypeError)) throw error;
    console.error(explain(error));
    process.exitCode = 1;
  } finally {
    await wechat.close();
    shared?.disconnect();
  }
}

/** The shared cache, if Redis answers within a second: nobody wants to wait for it here as a worker does. */
async function shareToken({ redisUrl, prefix, account }: Config) {
  const { connectWorker } = await import('../store/connection.ts');
  const { accountTag } = await import('../store/keys.ts');
  const { createTokenCache } = await import('../store/token-cache.ts');
  let why = '';
  const redis = connectWorker(redisUrl, ({ message }) => {
    why = message;
  });
  const cache = createTokenCache(redis, accountTag(prefix, account.id));
  try {
    await cache.read();
    return { cache, disconnect: () => redis.disconnect() };
  } catch (error) {
    redis.disconnect();
    console.error(`REDIS_URL: ${why || toError(error).message}. A token is fetched for this command alone.`);
    return undefined;
  }
}

function explain(error: ApiError | NetworkError | TypeError): string {
  if (error instanceof ApiError) return `${error.message}\n${error.row.meaning.zh} (errcode ${error.errcode})`;
  if (error instanceof NetworkError && error.inDoubt)
    return `${error.message}; it may have been carried out all the same.`;
  return error.message;
}
