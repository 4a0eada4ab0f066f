import type { Command } from 'commander';
import { isName } from '../handlers/check.ts';
import type { DeadLetter } from '../store/dead.ts';
import type { ParkedAnswer } from '../store/parked.ts';
import { UsageError } from './exit-codes.ts';
import { printError, printLine } from './print.ts';
import { sayEmpty, withRedis } from './tool.ts';

interface Selection {
  readonly all?: boolean;
  readonly since?: string;
  readonly parked?: boolean;
  readonly json?: boolean;
}

/** What was given up on: see it, send it again, drop it. */
export function addQueueCommand(program: Command): void {
  const queue = program.command('queue').description('what was given up on: list it, resend it, drop it');
  queue
    .command('list')
    .description('print what was given up on, oldest first')
    .option('--parked', 'instead: answers that wait for their users to write')
    .option('--json', 'one JSON object a line')
    .action(({ json, parked }: Selection) =>
      parked
        ? printParked(json)
        : withDead(async (letters) => {
            for (const letter of letters) printLine(json ? JSON.stringify(letter) : describe(letter));
            if (letters.length === 0) sayEmpty(json, 'Nothing has been given up on.');
          }),
    );
  for (const [verb, done, description] of [
    ['resend', 'put back', 'put it back into its user’s lane, at the end'],
    ['drop', 'dropped', 'forget it for good'],
  ] as const)
    queue
      .command(verb)
      .description(description)
      .argument('[key]', 'a push’s key')
      .option('--all', 'everything that was given up on')
      .option('--since <time>', 'what was given up on since then, such as 2026-01-31T08:00')
      .option('--json', 'one JSON object a line')
      .action((key: string | undefined, selection: Selection) =>
        withDead(async (letters, apply) => {
          const chosen = select(letters, key, selection);
          for (const letter of chosen) {
            await apply(verb, letter);
            printLine(selection.json ? JSON.stringify({ done, ...letter }) : `${done}: ${describe(letter)}`);
          }
          if (chosen.length === 0) {
            printError('Nothing of that kind has been given up on; "wxrelay queue list" shows what has.');
            process.exitCode = 1;
          }
        }),
      );
  queue
    .command('reroute')
    .description('let another handler run what waits for one that no worker knows any more')
    .argument('<old>', 'the name that is gone')
    .argument('<new>', 'the handler that takes its place')
    .option('--json', 'one JSON object a line')
    .action(async (old: string, heir: string, { json }: Selection) => {
      for (const name of [old, heir])
        if (!isName(name)) throw new UsageError(`${name} cannot be the name of a handler.`);
      const { reroute } = await import('../store/reroutes.ts');
      await withRedis('queue', [], async ({ config, redis }) => {
        await reroute(redis, config.prefix, old, heir);
      });
      const told = `what waits for "${old}", which no worker knows, is run by "${heir}": within a minute, and for 30 days`;
      printLine(json ? JSON.stringify({ done: 'rerouted', old, new: heir }) : `rerouted: ${told}`);
    });
}

async function printParked(json = false): Promise<void> {
  const { openInstallation } = await import('../store/installation.ts');
  const { listParked } = await import('../store/parked.ts');
  await withRedis('queue', [], async ({ config, redis }) => {
    const names = await openInstallation(redis, config.prefix, config.partitions, config.account.id);
    let count = 0;
    for await (const parked of listParked(redis, names)) {
      printLine(json ? JSON.stringify({ what: 'parked', ...parked }) : describeParked(parked));
      count++;
    }
    if (count === 0) sayEmpty(json, 'No answer waits for its user to write.');
  });
}

type Apply = (verb: 'resend' | 'drop', letter: DeadLetter) => Promise<void>;

async function withDead(use: (letters: DeadLetter[], apply: Apply) => Promise<void>): Promise<void> {
  const { dropDead, listDead, resendDead } = await import('../store/dead.ts');
  const { openInstallation } = await import('../store/installation.ts');
  const { openQueues } = await import('../store/queues.ts');
  await withRedis('queue', [], async ({ config, redis }) => {
    const queues = openQueues(redis);
    try {
      const names = await openInstallation(redis, config.prefix, config.partitions, config.account.id);
      await use(await listDead(queues, names), (verb, letter) =>
        verb === 'resend' ? resendDead(queues, names, letter) : dropDead(redis, queues, names, letter),
      );
    } finally {
      await queues.close();
    }
  });
}

function select(letters: DeadLetter[], key: string | undefined, { all, since }: Selection): DeadLetter[] {
  if ([key, all, since].filter((given) => given !== undefined).length !== 1)
    throw new UsageError('give one of: a key, --all, --since TIME.');
  const from = since === undefined ? 0 : Date.parse(since);
  if (Number.isNaN(from)) throw new UsageError(`--since ${since} is not a time: write it as 2026-01-31T08:00.`);
  return letters.filter((letter) => (key === undefined || letter.key === key) && letter.at >= from);
}

const describeParked = ({ since, key, handler, parts, until }: ParkedAnswer) =>
  `${iso(since)}  parked  ${key}  ${handler}  ${parts} part(s), kept until ${iso(until)}`;

const describe = ({ at, what, key, handler, reason }: DeadLetter) =>
  `${iso(at)}  ${what.padEnd(6)}  ${key}  ${handler}  ${reason}`;

const iso = (at: number) => new Date(at).toISOString();
