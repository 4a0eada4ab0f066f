import { randomBytes } from 'node:crypto';
import type { Command } from 'commander';
import { readConfig, readEnv } from '../config.ts';
import { ConfigError } from '../errors.ts';
import { createLog } from '../log.ts';
import { HANDLERS_OPTION, WIRE_OPTION } from './options.ts';
import { createSupervisor } from './supervisor.ts';
import { watchSources } from './watch.ts';

interface StartOptions {
  handlers?: string;
  showWire?: boolean;
  watch?: boolean;
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
    .option('--watch', 'start again what a saved file touches (from the sources)')
    .action(start);
}

async function start(options: StartOptions): Promise<void> {
  const env = readEnv();
  const config = readConfig(env, []);
  const simulated = config.account.tokens.length === 0 && !config.account.appId;
  if (simulated && config.production)
    throw new ConfigError([
      'no account is configured: under NODE_ENV=production set WECHAT_TOKEN, WECHAT_APP_ID and WECHAT_APP_SECRET.',
    ]);
  const shared: Env = { ...env, ...(simulated ? simulatedAccount(config.simulator.port) : {}) };
  const password = config.monitor.password || randomBytes(9).toString('base64url');
  shared['MONITOR_PASSWORD'] = password;
  readConfig(shared, ['push', 'api']);

  const log = createLog('start', config.logLevel);
  const supervisor = createSupervisor(log);
  const toHandlers = [
    ...(options.handlers ? ['--handlers', options.handlers] : []),
    ...(options.showWire ? ['--show-wire'] : []),
  ];
  supervisor.stopOnSignal();
  if (!config.redisUrl) {
    const { url } = await supervisor.run('redis', ['redis'], shared);
    shared['REDIS_URL'] = String(url);
  }
  // Stopped in this order: nothing new comes in before what is there is done.
  await Promise.all([
    supervisor.run('receiver', ['receiver', ...toHandlers], shared),
    supervisor.run('worker', ['worker', ...toHandlers], shared),
    supervisor.run('monitor', ['monitor', ...(options.handlers ? ['--handlers', options.handlers] : [])], shared),
    ...(simulated ? [supervisor.run('simulator', ['simulator'], shared)] : []),
  ]);
  if (options.watch) watchSources(supervisor, options.handlers, log);
  console.log(whereToLook({ ...config, simulated, password: config.monitor.password ? undefined : password }));
}

/** An account of the simulator's; its secrets are new at every start. */
function simulatedAccount(port: number): Env {
  const secret = () => randomBytes(12).toString('hex');
  return {
    WECHAT_TOKEN: secret(),
    WECHAT_APP_ID: 'wxsimulator',
    WECHAT_APP_SECRET: secret(),
    WECHAT_API_BASE_URL: `http://127.0.0.1:${port}`,
  };
}

interface Where {
  readonly port: number;
  readonly path: string;
  readonly monitor: { readonly port: number };
  readonly simulator: { readonly port: number };
  readonly simulated: boolean;
  readonly password: string | undefined;
}

function whereToLook({ port, path, monitor, simulator, simulated, password }: Where): string {
  const lines = [
    '',
    ...(simulated
      ? [`  Write to the account      http://127.0.0.1:${simulator.port}   (a simulated WeChat; 在这里和公众号聊天)`]
      : []),
    `  Watch the queues          http://127.0.0.1:${monitor.port}   (${password ? `any user, password ${password}` : 'password: MONITOR_PASSWORD'})`,
    `  WeChat’s pushes come to   http://127.0.0.1:${port}${path}`,
    '',
    '  Ctrl-C ends everything.',
    '',
  ];
  return lines.join('\n');
}
