import {
  type Config,
  describeSettings,
  looseEnvFile,
  type Need,
  readConfig,
  readEnv,
  unknownSettings,
} from '../config.ts';
import { ConfigError } from '../errors.ts';
import { createLog, type Logger } from '../log.ts';
import { serveMetrics } from './metrics-port.ts';

export const HANDLERS_OPTION = [
  '--handlers <file>',
  'module that exports `handlers` (JavaScript, or TypeScript)',
] as const;
export const WIRE_OPTION = [
  '--show-wire',
  'print each push (decrypted), reply and API call; not for production',
] as const;

export const JSON_OPTION = ['--json', 'log JSON lines on a terminal too'] as const;

/** What the process commands take, as far as each declares it. */
export interface ProcessOptions {
  readonly handlers?: string;
  readonly showWire?: boolean;
  readonly json?: boolean;
}

/** What every process begins with: its settings, its log, and its own metrics where they are asked for. */
export async function prepare(
  process_: string,
  needs: readonly Need[],
  options: ProcessOptions = {},
): Promise<{ config: Config; log: Logger }> {
  const env = readEnv();
  const config = readConfig(env, needs);
  if (options.showWire && config.production)
    throw new ConfigError(['--show-wire prints what users wrote, and is refused under NODE_ENV=production.']);
  const log = createLog(process_, config.logLevel, options.json ? false : undefined);
  const unknown = unknownSettings(env);
  if (unknown.length > 0) log.warn({ settings: unknown }, 'settings.ignored');
  // Under a supervisor, that says it.
  const loose = process.connected ? undefined : looseEnvFile();
  if (loose) log.warn({ why: loose }, 'settings.doubtful');
  log.debug({ settings: describeSettings(env) }, 'settings');
  await serveMetrics(config.metricsPort);
  return { config, log };
}
