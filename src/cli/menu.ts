import type { Command } from 'commander';
import { ApiError } from '../api/errors.ts';
import type { CustomMenu } from '../api/menu.ts';
import { readJsonInput } from './json-file.ts';
import { print, printError } from './print.ts';
import { TOOL_JSON_OPTION } from './tool.ts';
import { withWeChat } from './with-wechat.ts';

interface Options {
  readonly json?: boolean;
}

/** WeChat's answer where no menu is set. */
const NO_MENU = 46003;

/** The bar under the chat. `get` prints what `set` takes. */
export function addMenuCommand(program: Command): void {
  const menu = program.command('menu').description('the account’s menu: print it, set it, delete it');
  menu
    .command('get')
    .description('print the menu that the API has set, as a file for "menu set"')
    .option(...TOOL_JSON_OPTION)
    .action(({ json }: Options) =>
      withWeChat(async (wechat) => {
        const answer = await wechat.menu.get().catch((error: unknown) => {
          if (error instanceof ApiError && error.errcode === NO_MENU) return undefined;
          throw error;
        });
        if (json) print(JSON.stringify(answer ?? {}));
        else if (answer) print(JSON.stringify({ button: answer.menu.button }, null, 2));
        else printError('The API has set no menu; "wxrelay import" saves one that was made on the website.');
      }),
    );
  menu
    .command('set')
    .description('replace the menu; clients show the change within minutes')
    .argument('<file>', 'JSON: { "button": […] }, or what "menu get" printed; - reads it from the pipe')
    .option(...TOOL_JSON_OPTION)
    .action((file: string, { json }: Options) =>
      withWeChat(async (wechat) => {
        const given = readJsonInput(file) as (CustomMenu & { readonly menu?: CustomMenu }) | null;
        const button = (given?.menu ?? given)?.button ?? [];
        await wechat.menu.create({ button });
        print(json ? JSON.stringify({ done: 'set', buttons: button.length }) : `Set: ${button.length} buttons.`);
      }),
    );
  menu
    .command('delete')
    .description('remove the menu, and all conditional ones')
    .option(...TOOL_JSON_OPTION)
    .action(({ json }: Options) =>
      withWeChat(async (wechat) => {
        await wechat.menu.delete();
        print(json ? JSON.stringify({ done: 'deleted' }) : 'Deleted.');
      }),
    );
}
