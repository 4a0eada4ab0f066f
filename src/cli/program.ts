import { Command } from 'commander';
import { ConfigError } from '../errors.ts';
import { addDraftCommand } from './draft.ts';
import { EXIT_WRONG_SETUP } from './exit-codes.ts';
import { addForgetCommand } from './forget.ts';
import { addGatewayCommand } from './gateway.ts';
import { addImportCommand } from './import.ts';
import { addMassCommand } from './mass.ts';
import { addMaterialCommand } from './material.ts';
import { addMediaCommand } from './media.ts';
import { addMenuCommand } from './menu.ts';
import { addMonitorCommand } from './monitor.ts';
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
    .showHelpAfterError()
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
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exitCode = EXIT_WRONG_SETUP;
    return false;
  }
}
