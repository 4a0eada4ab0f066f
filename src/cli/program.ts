import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { ConfigError } from '../errors.ts';
import { redact } from '../redact.ts';
import { addDraftCommand } from './draft.ts';
import { EXIT, EXIT_CODES, Failure, UsageError } from './exit-codes.ts';
import { addForgetCommand } from './forget.ts';
import { addGatewayCommand } from './gateway.ts';
import { addImportCommand } from './import.ts';
import { lastWords } from './last-words.ts';
import { addMassCommand } from './mass.ts';
import { addMaterialCommand } from './material.ts';
import { addMediaCommand } from './media.ts';
import { addMenuCommand } from './menu.ts';
import { addMonitorCommand } from './monitor.ts';
import { printError } from './print.ts';
import { addQrcodeCommand } from './qrcode.ts';
import { addQueueCommand } from './queue.ts';
import { addQuotaCommand } from './quota.ts';
import { addReceiverCommand } from './receiver.ts';
import { addRedisCommand } from './redis.ts';
import { addSendCommand } from './send.ts';
import { addSimulatorCommand } from './simulator.ts';
import { addStartCommand } from './start.ts';
import { addTokenCommand } from './token.ts';
import { addTraceCommand } from './trace.ts';
import { addWorkerCommand } from './worker.ts';

/** All commands of `wxrelay`. */
export function createProgram(): Command {
  const program = new Command('wxrelay')
    .description('Answers WeChat Official Account pushes in milliseconds and does the slow work later.')
    .version((createRequire(import.meta.url)('wxrelay/package.json') as { version: string }).version)
    .addHelpText('after', `\nExit codes:\n${EXIT_CODES.map(([code, what]) => `  ${code}`.padEnd(6) + what).join('\n')}`)
    .showHelpAfterError()
    .exitOverride()
    .enablePositionalOptions();
  addStartCommand(program);
  addReceiverCommand(program);
  addWorkerCommand(program);
  addMonitorCommand(program);
  addGatewayCommand(program);
  addSimulatorCommand(program);
  addQueueCommand(program);
  addTraceCommand(program);
  addForgetCommand(program);
  addSendCommand(program);
  addTokenCommand(program);
  addMenuCommand(program);
  addImportCommand(program);
  addMassCommand(program);
  addMediaCommand(program);
  addMaterialCommand(program);
  addDraftCommand(program);
  addQrcodeCommand(program);
  addQuotaCommand(program);
  addRedisCommand(program);
  return program;
}

/** Runs one command of `wxrelay`; the only place that prints errors to a person. Returns whether the setup was right. */
export async function runCommand(args: readonly string[]): Promise<boolean> {
  try {
    await createProgram().parseAsync(args, { from: 'user' });
    return true;
  } catch (error) {
    process.exitCode = exitCodeOf(error);
    if (error instanceof CommanderError) return true; // it has printed what it has to say
    printError(error instanceof UsageError ? `wxrelay: ${error.message}` : messageFor(error));
    return false;
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.wrongUsage;
  if (error instanceof UsageError) return EXIT.wrongUsage;
  return error instanceof ConfigError ? EXIT.wrongSetup : EXIT.failed;
}

const messageFor = (error: unknown) => (error instanceof Failure ? redact(error.message) : lastWords(error));
