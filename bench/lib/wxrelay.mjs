import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { account } from './account.mjs';
import { startChild } from './child.mjs';

export const MAIN = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const handlersFile = (name) => fileURLToPath(new URL(`../handlers/${name}.mjs`, import.meta.url));

/** Hash tag of the one partition: every key of a user begins with it, and it is BullMQ's prefix. */
export const TAG = '{bench:0}';

/**
 * Starts `wxrelay <command>` as users run it.
 *
 * @param {'receiver' | 'worker'} command
 * @param {{ dir: string, name: string, redisUrl: string, handlers: string, env?: Record<string, string>, node?: string[], main?: string }} options
 *   `node`: its flags; `main`: another build of it
 */
export async function startWxrelay(command, { dir, name, redisUrl, handlers, env, node = [], main = MAIN }) {
  const child = await startChild([...node, main, command, '--handlers', handlersFile(handlers)], {
    dir,
    name,
    env: {
      REDIS_URL: redisUrl,
      HOST: '127.0.0.1',
      PORT: '0',
      WECHAT_TOKEN: account.token,
      WECHAT_APP_ID: account.appId,
      WECHAT_APP_SECRET: account.appSecret,
      WXRELAY_PREFIX: 'bench',
      WECHAT_CUSTOMER_SERVICE: 'on',
      ...env,
    },
  });
  // A receiver listens before Redis has answered; a worker has no port.
  const { port } = child.ready;
  while (port && !(await fetch(`http://127.0.0.1:${port}/readyz`)).ok) await sleep(10);
  return child;
}
