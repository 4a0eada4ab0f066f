import type { Command } from 'commander';
import type { Redis } from 'ioredis';
import type { Config } from '../config.ts';
import { silentLog } from '../log.ts';
import type { TokenFacts } from '../store/token-cache.ts';
import { print, printError } from './print.ts';
import { withRedis } from './tool.ts';

interface TokenOptions {
  readonly refresh?: boolean;
  readonly show?: boolean;
  readonly json?: boolean;
}

export function addTokenCommand(program: Command): void {
  program
    .command('token')
    .description('how the access_token stands: its age, its errors, what WeChat holds back')
    .option(
      '--refresh',
      'end the present token and fetch a new one now; an account that was refused is tried with the next call',
    )
    .option('--show', 'print the token itself: whoever has it can act as the account')
    .option('--json', 'one JSON object')
    .action(token);
}

async function token({ refresh, show, json }: TokenOptions): Promise<void> {
  const { readApiPauses } = await import('../store/api-pauses.ts');
  const { accountTag } = await import('../store/keys.ts');
  const { readTokenFacts } = await import('../store/token-cache.ts');
  await withRedis('token', refresh ? ['secret'] : [], async ({ config, redis }) => {
    if (refresh) await fetchAnew(config, redis);
    const tag = accountTag(config.prefix, config.account.id);
    const now = Date.now();
    const seen = describe(await readTokenFacts(redis, tag, now), now, show);
    const pauses = (await readApiPauses(redis, tag, now)).map(({ api, errcode, until, checkAt }) => ({
      api,
      errcode,
      until: time(until),
      checkAt: time(checkAt),
    }));
    if (json) print(JSON.stringify({ account: config.account.id, ...seen, pauses }));
    else printState(config.account.id, { ...seen, pauses });
  });
}

async function fetchAnew(config: Config, redis: Redis): Promise<void> {
  const { createHttp } = await import('../api/http.ts');
  const { createTokenSource } = await import('../api/token.ts');
  const { tokenOptions } = await import('../store/wechat.ts');
  const http = createHttp(config.apiBaseUrl, { connections: 1 });
  try {
    // What it would log is printed.
    await createTokenSource(tokenOptions({ config, redis, log: silentLog(), http })).refresh();
  } catch (error) {
    printError((error as Error).message);
    process.exitCode = 1;
  } finally {
    await http.close();
  }
}

const time = (at: number) => new Date(at).toISOString();

function describe(facts: TokenFacts, now: number, show = false) {
  const { token, fetchedAt, lastError, unusable, fetchesToday, forcesToday, diedEarly } = facts;
  const alive = token !== undefined && token.expiresAt > now;
  return {
    state: alive ? ('alive' as const) : token ? ('ended' as const) : ('none' as const),
    ...(show && token ? { access_token: token.token } : {}),
    ...(fetchedAt === undefined
      ? {}
      : { fetchedAt: time(fetchedAt), ageSeconds: Math.round((now - fetchedAt) / 1000) }),
    ...(alive
      ? { remainingSeconds: Math.round((token.expiresAt - now) / 1000), refreshAt: time(token.refreshAt) }
      : {}),
    fetchesToday,
    forcesToday,
    ...(diedEarly.length > 0 ? { diedEarly: diedEarly.map(time) } : {}),
    ...(lastError ? { lastError: { ...lastError, at: time(lastError.at) } } : {}),
    ...(unusable
      ? {
          unusable: {
            api: unusable.api,
            errcode: unusable.errcode,
            since: time(unusable.since),
            advice: unusable.advice,
            retryAt: time(unusable.retryAt),
          },
        }
      : {}),
  };
}

type Described = ReturnType<typeof describe> & {
  pauses: { api: string; errcode: number; until: string; checkAt: string }[];
};

function printState(account: string, seen: Described): void {
  const { state, unusable, lastError, diedEarly, pauses } = seen;
  const lines: [string, string | undefined][] = [
    ['account', account],
    ['token', state === 'alive' ? `alive, for ${seen.remainingSeconds} s more` : state],
    ['access_token', seen.access_token],
    ['fetched', seen.fetchedAt && `${seen.fetchedAt}, ${seen.ageSeconds} s ago`],
    ['to refresh', seen.refreshAt],
    ['fetches today', `${seen.fetchesToday}, of these forced: ${seen.forcesToday}`],
    ['died early', diedEarly?.join(', ')],
    ['last error', lastError && `${lastError.at}  ${lastError.message}`],
    ['unusable', unusable && `since ${unusable.since}: ${unusable.errcode} from ${unusable.api}`],
    ['', unusable && `${unusable.advice.en}`],
    ['', unusable && `${unusable.advice.zh}`],
    ['', unusable && `asked again at ${unusable.retryAt}`],
    ...pauses.map(({ api, errcode, until, checkAt }): [string, string] => [
      'paused',
      `${api} until ${until} (${errcode}), looked at again at ${checkAt}`,
    ]),
  ];
  for (const [name, value] of lines) if (value !== undefined) print(`${name.padEnd(14)} ${value}`);
}
