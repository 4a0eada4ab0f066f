import type { Command } from 'commander';
import { stopOnSignal, tellSupervisor } from './foreground.ts';
import { JSON_OPTION, type ProcessOptions, prepare } from './options.ts';

/** The private Redis of `wxrelay start`, in a process of its own so that it outlives nobody. */
export function addRedisCommand(program: Command): void {
  program
    .command('redis', { hidden: true })
    .option(...JSON_OPTION)
    .action(async (options: ProcessOptions) => {
      const { startEmbeddedRedis } = await import('./embedded-redis.ts');
      const { config, log } = await prepare('redis', [], options);
      const redis = await startEmbeddedRedis(config.dataDir, config.production);
      if (redis.kind === 'js-redis-server')
        log.warn(
          { install: 'apt install redis-server, brew install redis, or docker run redis' },
          'redis.in_memory: for trying out only, nothing survives a restart',
        );
      const stopping = stopOnSignal(() => redis.stop(), log);
      redis.died.then(() => {
        if (stopping()) return;
        log.fatal('redis.died');
        process.exit(1);
      });
      log.info({ kind: redis.kind }, 'redis.ready');
      tellSupervisor({ phase: 'ready', url: redis.url });
    });
}
