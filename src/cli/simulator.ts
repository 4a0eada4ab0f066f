import type { Command } from 'commander';
import { type Config, readConfig } from '../config.ts';
import { ConfigError, toError } from '../errors.ts';
import type { PushResult } from '../simulator/push.ts';
import { readText } from '../text-file.ts';
import { Failure, UsageError } from './exit-codes.ts';
import { startUnderSupervisor, stopOnSignal, tellSupervisor } from './foreground.ts';
import { JSON_OPTION, type ProcessOptions, prepare } from './options.ts';
import { print } from './print.ts';
import { readToolEnv } from './running-env.ts';

interface PushArguments {
  text?: string;
  name?: string;
  openid?: string;
  to?: string;
  fresh?: boolean;
  json?: boolean;
}

export function addSimulatorCommand(program: Command): void {
  const simulator = program
    .command('simulator')
    .description('run a local stand-in for WeChat: its API, and a chat page in the browser')
    .option('--unverified', 'an account that may not send customer-service messages')
    .option(...JSON_OPTION)
    .action(async (options: ProcessOptions & { unverified?: boolean }) => {
      const { startSimulator } = await import('../simulator/simulator.ts');
      const { config, log } = await prepare('simulator', ['push', 'api'], options);
      if (config.production)
        throw new ConfigError([
          'the simulator lets anybody write as any follower, and is refused under NODE_ENV=production.',
        ]);
      const { host, port } = config.simulator;
      startUnderSupervisor();
      const running = await startSimulator({
        ...accountOf(config),
        host,
        port,
        receiverUrl: receiverUrl(config),
        appSecret: config.account.appSecret,
        verified: !options.unverified,
        log: (event, facts) => log.info(facts, event),
      }).catch((error) => {
        throw new ConfigError([toError(error).message]);
      });
      stopOnSignal(() => running.close(), log);
      log.info({ url: running.url }, 'simulator.ready');
      tellSupervisor({ phase: 'ready', url: running.url });
    });
  simulator
    .command('push')
    .description('sign one push, or those of a file, and post it to a receiver; prints the answer and the time it took')
    .argument('[file]', 'a push as XML, or a JSON array of { name, xml }')
    .option('--text <text>', 'a text message instead of a file')
    .option('--name <name>', 'only the push of this name in the file')
    .option('--openid <openid>', 'the follower who sends the text', 'oSimulatorFollower_000000001')
    .option('--to <url>', 'the receiver; default: the one of PORT and WXRELAY_PATH on this machine')
    .option('--fresh', 'give each push a CreateTime of now and a MsgId of its own')
    .option('--json', 'print one JSON object a push')
    .action(async (file: string | undefined, options: PushArguments) => {
      const { pushToReceiver } = await import('../simulator/push.ts');
      const config = readConfig(readToolEnv(), ['push']);
      const simulator = options.to === undefined ? await runningSimulator(config) : undefined;
      for (const { name, xml, openid } of await pushesOf(file, options)) {
        const result = simulator
          ? await pushThrough(simulator, { xml, openid })
          : await pushToReceiver({
              ...accountOf(config),
              receiverUrl: options.to ?? receiverUrl(config),
              xml,
              openid,
            });
        if (options.json) print(JSON.stringify({ name, ...result }));
        else printOutcome(name, result);
        if (result.answer.kind === 'fault') process.exitCode = 1;
      }
    });
}

/** Milliseconds: to say which it is, and for three attempts of five seconds. */
const SIMULATOR_WITHIN = 1000;
const PUSHED_WITHIN = 20_000;

/**
 * The simulator that plays this account's API, where one runs: what it pushes itself, it can be sent an answer to. WeChat is
 * never asked.
 */
async function runningSimulator({ apiBaseUrl, account }: Config): Promise<string | undefined> {
  if (!LOOPBACK.includes(new URL(apiBaseUrl).hostname)) return undefined;
  try {
    const answer = await fetch(`${apiBaseUrl}/simulator/state?openid=`, {
      signal: AbortSignal.timeout(SIMULATOR_WITHIN),
    });
    const state = (await answer.json()) as { account?: { appId?: string } };
    return state.account?.appId === account.appId ? apiBaseUrl : undefined;
  } catch {
    return undefined;
  }
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

async function pushThrough(simulator: string, push: { xml: string; openid: string | undefined }): Promise<PushResult> {
  const response = await fetch(`${simulator}/simulator/push`, {
    method: 'POST',
    body: JSON.stringify(push),
    signal: AbortSignal.timeout(PUSHED_WITHIN),
  }).catch((error) => {
    throw new Failure(`The simulator at ${simulator} does not answer (${toError(error).message}).`);
  });
  if (!response.ok) throw new Failure(`The simulator does not take the push: ${await response.text()}`);
  const { attempts, answer } = (await response.json()) as PushResult;
  return { attempts, answer };
}

async function pushesOf(file: string | undefined, { text, name, openid, fresh }: PushArguments) {
  if ((file === undefined) === (text === undefined))
    throw new UsageError('give either a FILE of pushes or --text TEXT.');
  const { buildPush } = await import('../simulator/push-xml.ts');
  const { recordedPushes } = await import('../simulator/recorded.ts');
  if (text !== undefined && openid)
    return [{ name: 'text', openid, xml: buildPush({ openid, account: 'gh_simulator' }, { text }) }];
  try {
    return recordedPushes(readText(file as string), { ...(name ? { name } : {}), fresh: fresh ?? false });
  } catch (error) {
    throw new UsageError(`${file}: ${toError(error).message}`);
  }
}

function printOutcome(name: string, { attempts, answer }: PushResult): void {
  const times = attempts.map(({ status, error, ms }) => `${status ?? error} after ${ms} ms`).join(', then ');
  print(`${name}: ${answer.kind}${answer.reason ? ` (${answer.reason})` : ''}, ${times}`);
  const key = attempts.at(-1)?.key;
  if (key !== undefined) print(`key ${key}: "wxrelay trace ${key}" shows its way`);
  if (answer.reply) print(JSON.stringify(answer.reply, null, 2));
}

const receiverUrl = ({ port, path }: Config) => `http://127.0.0.1:${port}${path}`;

function accountOf({ account }: Config) {
  const [token = ''] = account.tokens;
  const [encodingAESKey] = account.aesKeys;
  // "auto" with a key stands for an account that has been switched to safe mode.
  const encryption = account.encryption === 'auto' ? (encodingAESKey ? 'safe' : 'plain') : account.encryption;
  return { token, appId: account.appId, encryption, ...(encodingAESKey ? { encodingAESKey } : {}) } as const;
}
