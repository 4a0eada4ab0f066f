import { createHash, randomBytes } from 'node:crypto';
import { type Command, Option } from 'commander';
import type { GatewayRole } from '../gateway/gateway.ts';
import { startUnderSupervisor, stopOnSignal, tellSupervisor } from './foreground.ts';
import { JSON_OPTION, type ProcessOptions, prepare } from './options.ts';
import { print } from './print.ts';

interface GatewayCommandOptions extends ProcessOptions {
  readonly role: GatewayRole;
}

export function addGatewayCommand(program: Command): void {
  const gateway = program
    .command('gateway')
    .description('the central access-token server (中控服务器) and the API proxy (API-Proxy) for your other programs')
    .addOption(
      new Option('--role <role>', 'token: only GET /token; proxy: only the API')
        .choices(['token', 'proxy', 'both'])
        .default('both'),
    )
    .option(...JSON_OPTION)
    .action(async (options: GatewayCommandOptions) => {
      const { startGateway } = await import('../gateway/gateway.ts');
      // A proxy may ask a token server; a token server is where the AppSecret is.
      const needs = ['redis', 'gateway', options.role === 'proxy' ? 'api' : 'secret'] as const;
      const { config, log } = await prepare('gateway', needs, options);
      startUnderSupervisor();
      const running = await startGateway({ config, role: options.role, log });
      stopOnSignal(() => running.stop(), log);
      process.on('SIGHUP', () => running.reload());
      tellSupervisor({ phase: 'ready', port: running.port });
    });
  gateway
    .command('key')
    .description('make a key for a client, and print the entry for GATEWAY_CONFIG')
    .argument('<name>', 'what the client is called in logs and metrics')
    .option('--json', 'print one JSON object')
    .action((name: string, { json }: { readonly json?: boolean }) => {
      const key = randomBytes(32).toString('base64url');
      const entry = {
        name,
        key: `sha256:${createHash('sha256').update(key).digest('hex')}`,
        token: false,
        send: false,
        allow: [],
      };
      if (json) return print(JSON.stringify({ key, entry }));
      print(`The key of ${name}, shown only now; give it to the client (WECHAT_GATEWAY_KEY):\n\n  ${key}\n`);
      print(`Its entry in "clients" of GATEWAY_CONFIG; add to "allow" what it may call:\n\n  ${JSON.stringify(entry)}`);
    });
}
