import type { Command } from 'commander';
import { readConfig, readEnv } from '../config.ts';
import { createLog } from '../log.ts';
import type { Step } from '../store/trace.ts';

/** A push key is `<16 characters>-<id>`; an openid has 28 characters and begins with `o`. */
const KEY = /^[\w.]{16}-[\w-]+$/;

export function addTraceCommand(program: Command): void {
  program
    .command('trace')
    .description('print what became of a push, step by step')
    .argument('<key|openid>', 'a push’s key, from the log or the monitor; or a user’s openid for the last pushes')
    .option('--json', 'one JSON object a step')
    .action(async (of: string, { json }: { json?: boolean }) => {
      const { connectWorker } = await import('../store/connection.ts');
      const { openInstallation } = await import('../store/installation.ts');
      const { readTrace } = await import('../store/trace.ts');
      const config = readConfig(readEnv(), ['redis']);
      const log = createLog('trace', config.logLevel);
      const redis = connectWorker(config.redisUrl, (error) => log.warn({ err: error }, 'redis.error'));
      try {
        const names = await openInstallation(redis, config.prefix, config.partitions);
        const what = KEY.test(of) ? { key: of } : { user: names.userId(config.account.id, of) };
        const steps = await readTrace(redis, names, what);
        if (steps.length === 0) {
          console.error(`Nothing is known of ${of}. Traces are kept for 7 days; is WECHAT_APP_ID that of the account?`);
          process.exitCode = 1;
        }
        if (json) for (const step of steps) console.log(JSON.stringify(step));
        else print(steps);
      } finally {
        redis.disconnect();
      }
    });
}

function print(steps: readonly Step[]): void {
  const keys = new Set(steps.map(({ key }) => key));
  for (const key of keys) {
    const ofPush = steps.filter((step) => step.key === key);
    const first = ofPush[0] as Step;
    console.log(`${key}   ${new Date(first.at).toISOString()}`);
    for (const { at, part, what } of ofPush) {
      const seconds = ((at - first.at) / 1000).toFixed(3).padStart(9);
      console.log(`${seconds} s  ${part === undefined ? '' : `part ${part + 1}: `}${what}`);
    }
  }
}
