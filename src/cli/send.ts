import type { Command } from 'commander';
import { readConfig, readEnv } from '../config.ts';
import { createLog } from '../log.ts';

interface Options {
  readonly id?: string;
  readonly markdown?: boolean;
  readonly json?: boolean;
}

export function addSendCommand(program: Command): void {
  program
    .command('send')
    .description('leave a text for a user; a worker sends it, or it waits until the user writes')
    .argument('<openid>', 'the user’s openid')
    .argument('<text>', 'what to say')
    .option('--id <id>', 'names it: a second send with this id within 7 days does nothing')
    .option('--markdown', 'the text is Markdown')
    .option('--json', 'print one JSON object')
    .action(async (openid: string, text: string, { json, ...options }: Options) => {
      const { createSender } = await import('../store/sender.ts');
      const { redisUrl, prefix, partitions, account, logLevel } = readConfig(readEnv(), ['redis']);
      const log = createLog('send', logLevel);
      const onError = (error: Error) => log.warn({ err: error }, 'redis.error');
      const sender = await createSender({ redisUrl, prefix, partitions, account: account.id, onError });
      try {
        const queued = await sender.send(openid, text, options);
        const note = queued.isNew ? 'queued' : 'sent before, nothing was done';
        console.log(
          json ? JSON.stringify(queued) : `${note}: ${queued.key}\n"wxrelay trace ${queued.key}" shows its way.`,
        );
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        console.error(error.message);
        process.exitCode = 1;
      } finally {
        await sender.close();
      }
    });
}
