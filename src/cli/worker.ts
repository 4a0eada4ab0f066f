import type { Command } from 'commander';
import { startUnderSupervisor, stopOnSignal, tellSupervisor } from './foreground.ts';
import { loadHandlers } from './load-handlers.ts';
import { HANDLERS_OPTION, JSON_OPTION, type ProcessOptions, prepare, WIRE_OPTION } from './options.ts';
import { wireTap } from './wire-tap.ts';

export function addWorkerCommand(program: Command): void {
  program
    .command('worker')
    .description('run the handlers and deliver their answers')
    .option(...HANDLERS_OPTION)
    .option(...WIRE_OPTION)
    .option(...JSON_OPTION)
    .action(async (options: ProcessOptions) => {
      const { startWorker } = await import('../worker/worker.ts');
      const { config, log } = await prepare('worker', ['redis', 'api'], options);
      const { handlers, texts } = await loadHandlers(options.handlers, log);
      const tap = await wireTap(options.showWire);
      startUnderSupervisor();
      const worker = await startWorker({ config, handlers, texts, log, ...(tap ? { tap } : {}) });
      stopOnSignal(() => worker.stop(), log);
      tellSupervisor({ phase: 'ready' });
    });
}
