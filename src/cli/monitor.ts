import type { Command } from 'commander';
export function addMonitorCommand(program: Command): void {
  program.command('monitor').action(() => {
    process.send?.({ phase: 'loaded' });
    process.send?.({ phase: 'ready' });
    process.on('SIGTERM', () => process.exit(0));
    process.on('disconnect', () => process.exit(0));
  });
}
