import type { Command } from 'commander';
import { startUnderSupervisor, stopOnSignal, tellSupervisor } from './foreground.ts';
import { loadHandlers } from './load-handlers.ts';
import { HANDLERS_OPTION, JSON_OPTION, type ProcessOptions, prepare, WIRE_OPTION } from './options.ts';
import { wireTap } from './wire-tap.ts';

export function addReceiverCommand(program: Command): void {
  program
    .command('receiver')
    .description('answer WeChat’s pushes and queue the slow work')
    .option(...HANDLERS_OPTION)
    .option(...WIRE_OPTION)
    .option(...JSON_OPTION)
    .action(async (options: ProcessOptions) => {
      const { startReceiver } = await import('../receiver/receiver.ts');
      const { config, log } = await prepare('receiver', ['redis', 'push'], options);
      const { handlers, texts } = await loadHandlers(options.handlers, log);
      const tap = await wireTap(options.showWire);
      startUnderSupervisor();
      const receiver = await startReceiver({ config, handlers, texts, log, ...(tap ? { tap } : {}) });
      stopOnSignal(() => receiver.stop(), log);
      tellSupervisor({ phase: 'ready', port: receiver.port });
    });
}
