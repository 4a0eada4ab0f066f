import type { Command } from 'commander';
import { startUnderSupervisor, stopOnSignal, tellSupervisor } from './foreground.ts';
import { loadHandlers } from './load-handlers.ts';
import { HANDLERS_OPTION, JSON_OPTION, type ProcessOptions, prepare } from './options.ts';
import { printWhereToLook } from './where-to-look.ts';

export function addMonitorCommand(program: Command): void {
  program
    .command('monitor')
    .description('show the queues in the browser, and the metrics of all processes')
    .option(...HANDLERS_OPTION)
    .option(...JSON_OPTION)
    .action(async (options: ProcessOptions) => {
      const { startMonitor } = await import('../monitor/monitor.ts');
      const { handlerQueues } = await import('../worker/worker.ts');
      const { config, log } = await prepare('monitor', ['redis'], options);
      const { handlers } = await loadHandlers(options.handlers, log);
      startUnderSupervisor();
      const monitor = await startMonitor({ config, queues: handlerQueues(handlers), log });
      stopOnSignal(() => monitor.stop(), log);
      // Under `wxrelay start` the supervisor says where to look.
      if (!process.connected)
        printWhereToLook(
          { json: options.json, dataDir: config.dataDir, madeUpPassword: monitor.madeUpPassword },
          (password) => whereToLook(config.monitor.host, monitor.port, password),
        );
      tellSupervisor({ phase: 'ready', port: monitor.port });
    });
}

function whereToLook(host: string, port: number, password: string): string {
  const here = ['', '0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;
  const address = `http://${here.includes(':') ? `[${here}]` : here}:${port}`;
  return `Watch the queues at ${address} (${password})`;
}
