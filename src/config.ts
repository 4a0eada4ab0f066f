import { existsSync, statSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { CONSOLE } from './console.ts';
import { ConfigError } from './errors.ts';
import { redact, rememberSecret } from './redact.ts';
import { type Setting, type SettingName, settings } from './settings.ts';
import { readText, whyUnread } from './text-file.ts';

/** `resend`: nothing is lost. `hold`: nothing is sent twice. */
export type InDoubt = 'resend' | 'hold';

/** `off`: passive replies alone. `auto`: as WeChat says. */
export type CustomerService = 'auto' | 'on' | 'off';

export type Encryption = 'auto' | 'plain' | 'compatible' | 'safe';

/** The Official Account that this installation answers for. */
export interface Account {
  /** The AppID, or `default` where none is needed: part of every name that belongs to this account. */
  readonly id: string;
  readonly appId: string;
  readonly appSecret: string;
  /** Newest first. */
  readonly tokens: readonly string[];
  readonly aesKeys: readonly string[];
  readonly encryption: Encryption;
}

/** How a gateway is reached. */
export interface GatewayAccess {
  /** Or several of one account, with commas between: one that fails is passed over. */
  readonly url: string;
  readonly key: string;
}

export interface Config {
  readonly redisUrl: string;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** Where the receiver is reached from outside, without a `/` at its end; '' where no pages are made. */
  readonly publicUrl: string;
  /** Files of answers may be fetched from private networks. */
  readonly fetchPrivate: boolean;
  readonly account: Account;
  readonly customerService: CustomerService;
  readonly apiBaseUrl: string;
  readonly tokenApi: 'stable' | 'legacy';
  readonly prefix: string;
  readonly partitions: number;
  readonly dataDir: string;
  /** Where pushes go while Redis is away, or `always` first. */
  readonly spool: 'fallback' | 'always' | 'off';
  readonly concurrency: number;
  readonly deliverConcurrency: number;
  readonly inDoubt: InDoubt;
  /** Seconds. */
  readonly maxAge: number;
  /** Pushes a minute. */
  readonly maxHeld: number;
  /** Days. */
  readonly forgetDays: number;
  /** Days. */
  readonly textDays: number;
  /** What was given up on: for how many days it is kept, and how much of it. */
  readonly dead: { readonly days: number; readonly count: number };
  /** How much of one follower may wait in a queue. */
  readonly maxLane: number;
  readonly monitor: { readonly host: string; readonly port: number; readonly password: string };
  readonly simulator: { readonly host: string; readonly port: number };
  /** Of the gateway process itself. */
  readonly gateway: { readonly host: string; readonly port: number; readonly clientsFile: string };
  /** The gateway that this process calls the API through, where it does. */
  readonly behindGateway: GatewayAccess | undefined;
  readonly metricsPort: number | undefined;
  readonly logLevel: string;
  readonly production: boolean;
}

/** The id of the account where no AppID is set. */
export const NO_ACCOUNT = 'default';
/** The AppID of the account that `wxrelay start` makes up where none is set. */
export const SIMULATED_ACCOUNT = 'wxsimulator';

type Env = Readonly<Record<string, string | undefined>>;
/** What a process cannot do without; `wxrelay start` supplies what is missing, so it demands nothing. */
export type Need =
  | 'redis'
  | 'push'
  /** To send answers, with the AppSecret or through a gateway; nothing where answers are passive replies alone. */
  | 'api'
  /** To call the API in any case. */
  | 'tool'
  /** To fetch the access_token itself. */
  | 'secret'
  | 'gateway';

/** `.env` of the working directory under the real environment, which wins. The only reader of `process.env`. */
export function readEnv(cwd = process.cwd()): Record<string, string | undefined> {
  const file = `${cwd}/.env`;
  if (!existsSync(file)) return { ...process.env };
  try {
    return { ...parseEnv(readText(file)), ...process.env };
  } catch (error) {
    throw new ConfigError([`.env cannot be read: ${whyUnread(error)}.`]);
  }
}

/** What is wrong with the rights of `.env`: whoever reads it has the account. Windows has no such rights. */
export function looseEnvFile(cwd = process.cwd()): string | undefined {
  const file = `${cwd}/.env`;
  if (process.platform === 'win32' || !existsSync(file) || (statSync(file).mode & 0o004) === 0) return undefined;
  const holdsSecret = Object.keys(parseEnv(readText(file))).some((name) =>
    settingNames.some((one) => one === name && isSecret(one)),
  );
  return holdsSecret ? '.env holds secrets, and every user of this machine can read it: chmod 600 .env' : undefined;
}

/** Checks everything at once: a {@link ConfigError} lists every problem, so that none has to be found by restarting. */
export function readConfig(env: Env, needs: readonly Need[]): Config {
  const problems: string[] = [];
  const get = (name: SettingName) => {
    const setting: Setting = settings[name];
    const value = fromFile(env, name, setting, problems) ?? (env[name]?.trim() || setting.default);
    if (setting.secret) for (const secret of [value, ...value.split(',')]) rememberSecret(secret);
    const result = setting.check.safeParse(value);
    if (!result.success) problems.push(`${name} ${result.error.issues[0]?.message}${shown(setting, value)}`);
    return value;
  };
  const list = (name: SettingName) => get(name).split(',').filter(Boolean);
  const config: Config = {
    redisUrl: get('REDIS_URL'),
    host: get('HOST'),
    port: Number(get('PORT')),
    path: get('WXRELAY_PATH').replace(/(?<=.)\/$/, ''),
    fetchPrivate: get('WXRELAY_FETCH_PRIVATE') === 'on',
    publicUrl: get('PUBLIC_URL').replace(/\/+$/, ''),
    account: {
      id: get('WECHAT_APP_ID') || NO_ACCOUNT,
      appId: get('WECHAT_APP_ID'),
      appSecret: get('WECHAT_APP_SECRET'),
      tokens: list('WECHAT_TOKEN'),
      aesKeys: list('WECHAT_ENCODING_AES_KEY'),
      encryption: get('WECHAT_ENCRYPTION') as Encryption,
    },
    customerService: get('WECHAT_CUSTOMER_SERVICE') as CustomerService,
    apiBaseUrl: get('WECHAT_API_BASE_URL').replace(/\/$/, ''),
    tokenApi: get('WECHAT_TOKEN_API') as 'stable' | 'legacy',
    prefix: get('WXRELAY_PREFIX'),
    partitions: Number(get('WXRELAY_PARTITIONS')),
    dataDir: get('WXRELAY_DATA_DIR'),
    spool: get('WXRELAY_SPOOL') as Config['spool'],
    concurrency: Number(get('WXRELAY_CONCURRENCY')),
    deliverConcurrency: Number(get('WXRELAY_DELIVER_CONCURRENCY')),
    inDoubt: get('WXRELAY_IN_DOUBT') as InDoubt,
    maxAge: Number(get('WXRELAY_MAX_AGE')),
    maxHeld: Number(get('WXRELAY_MAX_HELD')),
    forgetDays: Number(get('WXRELAY_FORGET_DAYS')),
    textDays: Number(get('WXRELAY_TEXT_DAYS')),
    dead: { days: Number(get('WXRELAY_DEAD_DAYS')), count: Number(get('WXRELAY_MAX_DEAD')) },
    maxLane: Number(get('WXRELAY_MAX_LANE')),
    monitor: { host: get('MONITOR_HOST'), port: Number(get('MONITOR_PORT')), password: get('MONITOR_PASSWORD') },
    simulator: { host: get('SIMULATOR_HOST'), port: Number(get('SIMULATOR_PORT')) },
    gateway: { host: get('GATEWAY_HOST'), port: Number(get('GATEWAY_PORT')), clientsFile: get('GATEWAY_CONFIG') },
    behindGateway: accessOf(get('WECHAT_GATEWAY_URL').replace(/\/(?=,|$)/g, ''), get('WECHAT_GATEWAY_KEY'), problems),
    metricsPort: get('METRICS_PORT') === 'off' ? undefined : Number(get('METRICS_PORT')),
    logLevel: get('LOG_LEVEL'),
    production: env['NODE_ENV'] === 'production',
  };
  problems.push(...missing(config, needs));
  if (problems.length > 0) {
    // What is missing may have been mistyped.
    const ignored = unknownSettings(env).map((name) => `${name} is no setting of wxrelay, and is ignored.`);
    throw new ConfigError([...new Set(problems), ...ignored]);
  }
  for (const part of Object.values(config)) Object.freeze(part);
  return Object.freeze(config);
}

function accessOf(url: string, key: string, problems: string[]): GatewayAccess | undefined {
  if (Boolean(url) !== Boolean(key))
    problems.push(
      `${url ? 'WECHAT_GATEWAY_KEY' : 'WECHAT_GATEWAY_URL'} is not set: a gateway is reached with both WECHAT_GATEWAY_URL and WECHAT_GATEWAY_KEY.`,
    );
  return url && key ? { url, key } : undefined;
}

function missing(
  { redisUrl, account, customerService, gateway, behindGateway }: Config,
  needs: readonly Need[],
): string[] {
  const problems: string[] = [];
  if (needs.includes('redis') && !redisUrl)
    problems.push(
      'REDIS_URL is not set: this process shares a Redis with the others, such as redis://127.0.0.1:6379. "wxrelay start" brings its own, and a tool beside it, in the same folder, finds that.',
    );
  if (needs.includes('push') && account.tokens.length === 0)
    problems.push(
      `WECHAT_TOKEN is not set: without it no push can be told from a forged one. The console has it at ${CONSOLE.push}.`,
    );
  if (needs.includes('push') && !account.appId)
    problems.push(`WECHAT_APP_ID is not set: the console has it at ${CONSOLE.account}.`);
  const calls = needs.includes('tool') || (needs.includes('api') && customerService !== 'off');
  if (calls && !(account.appId && (account.appSecret || behindGateway)))
    problems.push(
      behindGateway
        ? 'WECHAT_APP_ID is needed to call the API, behind a gateway too: it names the account.'
        : 'WECHAT_APP_ID and WECHAT_APP_SECRET are needed to call the API: set both.',
    );
  if (needs.includes('secret') && !(account.appId && account.appSecret))
    problems.push('WECHAT_APP_ID and WECHAT_APP_SECRET are needed to fetch the access_token: set both.');
  if (needs.includes('gateway') && !gateway.clientsFile)
    problems.push(
      'GATEWAY_CONFIG is not set: it names the JSON file of the gateway’s clients. "wxrelay gateway key NAME" makes a key and prints the line for it.',
    );
  if ((account.encryption === 'compatible' || account.encryption === 'safe') && account.aesKeys.length === 0)
    problems.push(`WECHAT_ENCODING_AES_KEY is not set, but WECHAT_ENCRYPTION is ${account.encryption}.`);
  return problems;
}

function fromFile(env: Env, name: string, setting: Setting, problems: string[]): string | undefined {
  const file = env[`${name}_FILE`];
  if (!setting.secret || !file) return undefined;
  try {
    return readText(file).trim();
  } catch (error) {
    problems.push(`${name}_FILE names a file that cannot be read (${whyUnread(error)}): ${file}`);
    return undefined;
  }
}

const shown = (setting: Setting, value: string) => (setting.secret ? '' : `: ${redact(JSON.stringify(value))}`);

/** Settings that look like ours but are not: mistyped, or of another version. They are ignored, and named once. */
export function unknownSettings(env: Env): string[] {
  const known = new Set(settingNames.flatMap((name) => (isSecret(name) ? [name, `${name}_FILE`] : [name])));
  return Object.keys(env).filter((name) => /^(WECHAT|WXRELAY)_/.test(name) && !known.has(name));
}

/** What a Token may be by the console's own rule, which may change: pushes are signed with it whatever it is. */
const CONSOLE_TOKEN = /^[A-Za-z0-9]{3,32}$/;

/** Settings that are taken, and yet look wrong; each with what to do. */
export function doubtfulSettings({ account: { tokens } }: Config): string[] {
  if (tokens.every((token) => CONSOLE_TOKEN.test(token))) return [];
  return [
    `WECHAT_TOKEN is not 3 to 32 letters and digits, as the console asks. It is used as it is: make sure that the same stands in the console, ${CONSOLE.push}.`,
  ];
}

/** The settings in force, secrets masked, for the log at start. */
export function describeSettings(env: Env): Record<string, string> {
  const given = settingNames.filter((name) => env[name]?.trim() || (isSecret(name) && env[`${name}_FILE`]));
  return Object.fromEntries(given.map((name) => [name, isSecret(name) ? '***' : (env[name] ?? '')]));
}

/** Those given that are no secrets. */
export function openSettings(env: Env): Record<string, string> {
  const given = settingNames.filter((name) => env[name]?.trim() && !isSecret(name));
  return Object.fromEntries(given.map((name) => [name, env[name] as string]));
}

const settingNames = Object.keys(settings) as SettingName[];
const isSecret = (name: SettingName) => (settings[name] as Setting).secret === true;
