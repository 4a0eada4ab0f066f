import { readEnv } from '../config.ts';
import { settings } from '../settings.ts';
import { readRunning } from './running.ts';

/** What another installation differs in. */
const IDENTITY = ['REDIS_URL', 'WXRELAY_PREFIX', 'WECHAT_APP_ID', 'WECHAT_API_BASE_URL', 'WECHAT_GATEWAY_URL'] as const;

type Env = Record<string, string | undefined>;

/**
 * The settings of a tool: those of the environment and of `.env`, and for what these leave open those of the `wxrelay start` that
 * runs here. Where the two name different installations, the one that runs is not meant.
 */
export function readToolEnv(): Env {
  const env = readEnv();
  const running = readRunning(env['WXRELAY_DATA_DIR']?.trim() || settings.WXRELAY_DATA_DIR.default);
  if (!running || IDENTITY.some((name) => isAnother(env, name, running[name]))) return env;
  const given = Object.entries(env).filter(([, value]) => value?.trim());
  return { ...running, ...Object.fromEntries(given) };
}

function isAnother(env: Env, name: string, running: string | undefined): boolean {
  if (running === undefined) return false;
  const given = env[name]?.trim();
  return Boolean(env[`${name}_FILE`]) || (Boolean(given) && given !== running);
}
