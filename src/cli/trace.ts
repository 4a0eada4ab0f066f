import type { Command } from 'commander';
import type { Redis } from 'ioredis';
import type { Config } from '../config.ts';
import { UsageError } from './exit-codes.ts';
import { print, printError, printLine } from './print.ts';
import { sayEmpty, withRedis } from './tool.ts';

/** A push key is `<16 characters>-<MsgId.CreateTime, or 12 characters>`; an openid has 28 characters. */
const KEY = /^[\w.]{16}-(\d{1,20}(\.\d{1,12})?|[\w-]{12})$/;

interface TraceOptions {
  readonly malformed?: boolean;
  readonly json?: boolean;
}

export function addTraceCommand(program: Command): void {
  program
    .command('trace')
    .description('print what became of a push, step by step')
    .argument('[key|openid]', 'a push’s key, from the log or the monitor; or a user’s openid for the last pushes')
    .option('--malformed', 'instead: the last bodies that had a good signature and were no push')
    .option('--json', 'one JSON object a line')
    .action(trace);
}

async function trace(of: string | undefined, { malformed, json }: TraceOptions): Promise<void> {
  if ((of === undefined) === (malformed === undefined)) throw new UsageError('give a key, an openid, or --malformed.');
  await withRedis('trace', [], async ({ config, redis }) => {
    if (of === undefined) await showMalformed(redis, config, json);
    else await showSteps(redis, config, of, json);
  });
}

async function showMalformed(redis: Redis, { prefix }: Config, json = false): Promise<void> {
  const { readMalformed } = await import('../store/malformed.ts');
  const entries = await readMalformed(redis, prefix);
  for (const entry of entries) print(JSON.stringify(entry));
  if (entries.length === 0) sayEmpty(json, 'No body with a good signature was malformed.');
}

async function showSteps(
  redis: Redis,
  { prefix, partitions, account }: Config,
  of: string,
  json = false,
): Promise<void> {
  const { openInstallation } = await import('../store/installation.ts');
  const { describeSteps, readTrace } = await import('../store/trace.ts');
  const names = await openInstallation(redis, prefix, partitions, account.id);
  const steps = await readTrace(redis, names, KEY.test(of) ? { key: of } : { user: names.userId(account.id, of) });
  if (steps.length === 0) {
    printError(`Nothing is known of ${of}. Traces are kept for 7 days; is WECHAT_APP_ID that of the account?`);
    process.exitCode = 1;
  }
  if (json) for (const step of steps) print(JSON.stringify(step));
  else for (const line of describeSteps(steps)) printLine(line);
}
