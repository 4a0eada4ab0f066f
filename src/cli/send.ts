import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Fate } from '../store/fate.ts';
import type { Sender } from '../store/sender.ts';
import { EXIT, Failure } from './exit-codes.ts';
import { print, printError } from './print.ts';
import { withRedis } from './tool.ts';

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
      const { openOutbox } = await import('../store/sender.ts');
      await withRedis('send', [], async ({ config, redis }) => {
        const outbox = openOutbox(redis, config);
        try {
          const queued = await outbox.send(openid, text, options);
          if (!queued.isNew) return print(json ? JSON.stringify(queued) : `${SENT_BEFORE}: ${queued.key}`);
          const fate = await settledFate(outbox, queued.key);
          if (json) print(JSON.stringify({ ...queued, fate }));
          else (fate.state === 'given up' ? printError : print)(describe(queued.key, fate));
          if (fate.state === 'given up') process.exitCode = EXIT.failed;
        } catch (error) {
          if (error instanceof TypeError) throw new Failure(error.message);
          throw error;
        } finally {
          await outbox.close();
        }
      });
    });
}

const SENT_BEFORE = 'sent before, nothing was done';
/** A worker that is there needs far less, unless much waits. Milliseconds. */
const SETTLED_WITHIN = 10_000;
const LOOK_EVERY = 100;

async function settledFate(sender: Pick<Sender, 'fateOf'>, key: string): Promise<Fate> {
  const end = Date.now() + SETTLED_WITHIN;
  for (;;) {
    const fate = await sender.fateOf(key);
    if (fate.state !== 'waiting' || !fate.alive || Date.now() > end) return fate;
    await sleep(LOOK_EVERY);
  }
}

function describe(key: string, fate: Fate): string {
  if (fate.state === 'sent') return `sent: ${key}`;
  if (fate.state === 'given up') return `not sent: ${key}\n${fate.reason}`;
  const why = fate.state === 'parked' ? PARKED : fate.alive ? fate.last : 'no worker is running';
  return `queued: ${key}\nNot sent yet: ${why}. "wxrelay trace ${key}" shows its way.`;
}

const PARKED = 'WeChat lets it go out only when the user writes again; it is kept 7 days for that';
