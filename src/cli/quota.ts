import type { Command } from 'commander';
import { ApiError } from '../api/errors.ts';
import type { ApiQuota } from '../api/quota.ts';
import { EXIT } from './exit-codes.ts';
import { print } from './print.ts';
import { TOOL_JSON_OPTION } from './tool.ts';
import { withWeChat } from './with-wechat.ts';

/** What wxrelay itself lives on. */
const OWN = ['/cgi-bin/message/custom/send', '/cgi-bin/message/custom/typing', '/cgi-bin/media/upload'];

export function addQuotaCommand(program: Command): void {
  program
    .command('quota')
    .description('print how often APIs were called today, and how often they may be')
    .argument('[path]', `one API, such as ${OWN[0]}; default: those that wxrelay needs`)
    .option(...TOOL_JSON_OPTION)
    .action((path: string | undefined, { json }: { json?: boolean }) =>
      withWeChat(async (wechat) => {
        const apis = path === undefined ? OWN : [path];
        let lacking = 0;
        for (const api of apis) {
          const found = await wechat.quota.get(api).catch((error: unknown) => {
            // The account may lack one of several.
            if (path === undefined && error instanceof ApiError && error.row.reaction !== 'token') return error;
            throw error;
          });
          if (found instanceof ApiError) {
            lacking++;
            print(json ? JSON.stringify({ api, errcode: found.errcode }) : found.message);
          } else print(json ? JSON.stringify({ api, ...found }) : describe(api, found));
        }
        if (lacking === apis.length) process.exitCode = EXIT.failed;
      }),
    );
}

function describe(api: string, { quota, rate_limit: rate }: ApiQuota): string {
  const often = rate?.call_count ? `; at most ${rate.call_count} in ${rate.refresh_second} s` : '';
  return `${api}  ${quota.used} of ${quota.daily_limit} used today, ${quota.remain} left${often}`;
}
