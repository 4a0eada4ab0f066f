import { type Config, describeSettings, type Need, readConfig, readEnv, unknownSettings } from '../config.ts';
import { ConfigError } from '../errors.ts';
import { createLog, type Logger } from '../log.ts';

export const HANDLERS_OPTION = [
  '--handlers <file>',
  'module that exports `handlers` (JavaScript, or TypeScript)',
] as const;
export const WIRE_OPTION = [
  '--show-wire',
  'print each push (decrypted), reply and API call; not for production',
] as const;

/** What every process command begins with. */
export function prepare(
  process_: string,
  needs: readonly Need[],
  options: { showWire?: boolean } = {},
): { config: Config; log: Logger } {
  const env = readEnv();
  const config = readConfig(env, needs);
  if (options.showWire && config.production)
    throw new ConfigError(['--show-wire prints what users wrote, and is refused under NODE_ENV=production.']);
  const log = createLog(process_, config.logLevel);
  const unknown = unknownSettings(env);
  if (unknown.length > 0) log.warn({ settings: unknown }, 'settings.ignored');
  log.debug({ settings: describeSettings(env) }, 'settings');
  return { config, log };
}

/** `--show-wire`: what goes over the wire, for a developer's eyes. */
export function wireTap(show: boolean | undefined): ((direction: string, ...texts: string[]) => void) | undefined {
  if (!show) return undefined;
  const arrows: Record<string, string> = { push: '→ push', reply: '← reply', out: '→ API', in: '← API' };
  return (direction, ...texts) => console.log(`${arrows[direction] ?? direction} ${masked(texts.join(' '))}`);
}

const masked = (text: string) => text.replace(/("(?:access_token|secret|appsecret)"\s*:\s*")[^"]*/g, '$1***');
