import type { Command } from 'commander';
import { print } from './print.ts';
import { withRedis } from './tool.ts';

export function addForgetCommand(program: Command): void {
  program
    .command('forget')
    .description('erase a user from Redis now: what waits, answers, traces, what was given up on')
    .argument('<openid>', 'the user’s openid')
    .option('--json', 'print one JSON object')
    .action(async (openid: string, { json }: { json?: boolean }) => {
      const { forgetUser } = await import('../store/forgetting.ts');
      const { openInstallation } = await import('../store/installation.ts');
      const { openQueues } = await import('../store/queues.ts');
      await withRedis('forget', [], async ({ config, redis }) => {
        const queues = openQueues(redis);
        try {
          const names = await openInstallation(redis, config.prefix, config.partitions, config.account.id);
          const keys = await forgetUser({ redis, queues, names, prefix: config.prefix }, config.account.id, openid);
          const note = 'Backups, replicas that are cut off, and logs of other programs are not reached.';
          print(json ? JSON.stringify({ keys }) : `Forgotten: ${keys} key(s) erased. ${note}`);
        } finally {
          await queues.close();
        }
      });
    });
}
