import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { looseEnvFile, openSettings, readConfig, readEnv, SIMULATED_ACCOUNT } from '../config.ts';
import { checkDataDir } from '../data-dir.ts';
import { ConfigError } from '../errors.ts';
import { createLog } from '../log.ts';
import { HANDLERS_OPTION, JSON_OPTION, type ProcessOptions, WIRE_OPTION } from './options.ts';
import { checkPorts } from './ports.ts';
import { writeRunning } from './running.ts';
import { createSupervisor, type ProcessName } from './supervisor.ts';
import { checkWatchable, watchSources } from './watch.ts';
import { printWhereToLook } from './where-to-look.ts';

interface StartOptions extends ProcessOptions {
  readonly watch?: boolean;
}

type Env = Record<string, string | undefined>;

export function addStartCommand(program: Command): void {
  program
    .command('start')
    .description(
      'run everything on this machine: Redis, receiver, worker, monitor, and a simulator where no account is configured',
    )
    .option(...HANDLERS_OPTION)
    .option(...WIRE_OPTION)
    .option(...JSON_OPTION)
    .option('--watch', 'start again what a saved file is part of; for npm run dev')
    .action(start);
}

async function start(options: StartOptions): Promise<void> {
  if (options.watch) checkWatchable();
  const env = readEnv();
  const config = readConfig(env, []);
  const simulated = config.account.tokens.length === 0 && !config.account.appId;
  if (simulated && config.production)
    throw new ConfigError([
      'no account is configured: under NODE_ENV=production set WECHAT_TOKEN, WECHAT_APP_ID and WECHAT_APP_SECRET.',
    ]);
  const madeUpPassword = config.monitor.password ? undefined : randomBytes(18).toString('base64url');
  const account = simulated
    ? { ...simulatedAccount(config.simulator.port), ...given(env, 'WECHAT_CUSTOMER_SERVICE') }
    : {};
  const shared: Env = {
    ...env,
    ...account,
    ...(madeUpPassword ? { MONITOR_PASSWORD: madeUpPassword } : {}),
    // One port cannot serve them all; the monitor has the sums.
    METRICS_PORT: 'off',
  };
  readConfig(shared, ['push', 'api']);
  await checkPorts([
    { setting: 'PORT', port: config.port, host: config.host },
    { setting: 'MONITOR_PORT', ...config.monitor },
    ...(simulated ? [{ setting: 'SIMULATOR_PORT', ...config.simulator }] : []),
  ]);

  const log = createLog('start', config.logLevel, options.json ? false : undefined);
  checkDataDir(config.dataDir);
  const loose = looseEnvFile();
  if (loose) log.warn({ why: loose }, 'settings.doubtful');
  const supervisor = createSupervisor(log);
  supervisor.stopOnSignal();
  const json = options.json ? ['--json'] : [];
  const handlers = options.handlers ? ['--handlers', options.handlers] : [];
  const wire = options.showWire ? ['--show-wire'] : [];
  const run = (name: ProcessName, ...args: string[]) => supervisor.run(name, [name, ...args, ...json], shared);
  const redis = config.redisUrl ? {} : { REDIS_URL: String((await run('redis'))['url']) };
  Object.assign(shared, redis);
  writeRunning(config.dataDir, { ...openSettings(shared), ...account, ...redis });
  await Promise.all([
    run('receiver', ...handlers, ...wire),
    run('worker', ...handlers, ...wire),
    run('monitor', ...handlers),
    simulated && run('simulator'),
  ]);
  if (options.watch) watchSources(supervisor, options.handlers, log);
  printWhereToLook({ json: options.json, dataDir: config.dataDir, madeUpPassword }, (password) =>
    whereToLook({ ...config, simulated, password }),
  );
}

/** An account of the simulator's; its secrets are new at every start. */
function simulatedAccount(port: number) {
  const secret = () => randomBytes(12).toString('hex');
  return {
    WECHAT_TOKEN: secret(),
    WECHAT_APP_ID: SIMULATED_ACCOUNT,
    WECHAT_APP_SECRET: secret(),
    WECHAT_API_BASE_URL: `http://127.0.0.1:${port}`,
    // It may send: nothing has to be found out.
    WECHAT_CUSTOMER_SERVICE: 'on',
  };
}

const given = (env: Env, name: string) => (env[name]?.trim() ? { [name]: env[name] } : {});

interface Where {
  readonly port: number;
  readonly path: string;
  readonly monitor: { readonly port: number };
  readonly simulator: { readonly port: number };
  readonly simulated: boolean;
  readonly password: string;
}

function whereToLook({ port, path, monitor, simulator, simulated, password }: Where): string {
  const lines = [
    '',
    ...(simulated
      ? [`  Write to the account      http://127.0.0.1:${simulator.port}   (a simulated WeChat; 在这里和公众号聊天)`]
      : []),
    `  Watch the queues          http://127.0.0.1:${monitor.port}   (${password})`,
    `  WeChat’s pushes come to   http://127.0.0.1:${port}${path}`,
    '',
    '  Ctrl-C ends everything.',
    '',
  ];
  return lines.join('\n');
}
