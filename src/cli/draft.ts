import type { Command } from 'commander';
import type { DraftArticle, DraftList } from '../api/drafts.ts';
import { readJsonInput } from './json-file.ts';
import { print, printError } from './print.ts';
import { TOOL_JSON_OPTION } from './tool.ts';
import { withWeChat } from './with-wechat.ts';

interface ListOptions {
  readonly offset: string;
  readonly count: string;
  readonly json?: boolean;
}

export function addDraftCommand(program: Command): void {
  const draft = program.command('draft').description('the account’s drafts: add one, list them');
  draft
    .command('add')
    .description('add a draft, and print its media_id, for "mass send --draft" or to publish it')
    .argument('<file>', 'JSON: one article, a list of them, or { "articles": […] }; - reads it from the pipe')
    .option(...TOOL_JSON_OPTION)
    .action((file: string, { json }: { json?: boolean }) =>
      withWeChat(async (wechat) => {
        const answer = await wechat.drafts.add(articlesOf(readJsonInput(file)));
        print(json ? JSON.stringify(answer) : answer.media_id);
      }),
    );
  draft
    .command('list')
    .description('print the drafts, the newest first')
    .option('--offset <number>', 'how many to leave out', '0')
    .option('--count <number>', 'how many to print, 1 to 20', '20')
    .option(...TOOL_JSON_OPTION)
    .action(({ offset, count, json }: ListOptions) =>
      withWeChat(async (wechat) => {
        const { item, total_count } = await wechat.drafts.batchGet({ offset: Number(offset), count: Number(count) });
        for (const one of item) print(json ? JSON.stringify(one) : describe(one));
        if (!json) printError(`${item.length} of ${total_count}`);
      }),
    );
}

function articlesOf(given: unknown): readonly DraftArticle[] {
  if (Array.isArray(given)) return given;
  const { articles } = given as { articles?: readonly DraftArticle[] };
  return articles ?? [given as DraftArticle];
}

function describe({ media_id, update_time, content }: DraftList['item'][number]): string {
  const titles = content.news_item.map(({ title }) => title).join(' · ');
  return `${media_id}  ${new Date(update_time * 1000).toISOString()}  ${titles}`;
}
