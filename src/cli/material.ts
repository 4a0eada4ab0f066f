import { type Command, Option } from 'commander';
import type { MaterialItem, MaterialType } from '../api/material.ts';
import { UsageError } from './exit-codes.ts';
import { printSaved, saveDownload, typeOf } from './files.ts';
import { print, printError } from './print.ts';
import { TOOL_JSON_OPTION } from './tool.ts';
import { withWeChat } from './with-wechat.ts';

interface AddOptions {
  readonly type?: MaterialType | 'video';
  readonly title?: string;
  readonly introduction?: string;
  readonly json?: boolean;
}
interface ListOptions {
  readonly type: 'image' | 'voice' | 'video' | 'news';
  readonly offset: string;
  readonly count: string;
  readonly json?: boolean;
}
interface Options {
  readonly out?: string;
  readonly json?: boolean;
}

export function addMaterialCommand(program: Command): void {
  const material = program.command('material').description('permanent media: add, list, save, delete, count');
  material
    .command('add')
    .description('keep a file for good, and print its media_id')
    .argument('<file>', 'png, jpg, gif, bmp: 10 MB; mp3, wma, wav, amr: 2 MB; mp4: 10 MB; a thumb, jpg: 64 KB')
    .addOption(
      new Option('--type <type>', 'default: by the ending of the name').choices(['image', 'voice', 'video', 'thumb']),
    )
    .option('--title <title>', 'of a video, which needs one')
    .option('--introduction <text>', 'of a video, which needs one')
    .option(...TOOL_JSON_OPTION)
    .action(add);
  material
    .command('list')
    .description('print what is kept, the newest first')
    .addOption(
      new Option('--type <type>', 'what to print').choices(['image', 'voice', 'video', 'news']).default('image'),
    )
    .option('--offset <number>', 'how many to leave out', '0')
    .option('--count <number>', 'how many to print, 1 to 20', '20')
    .option(...TOOL_JSON_OPTION)
    .action(list);
  material
    .command('get')
    .description('save what is kept; prints where a video lies, and the articles of a news')
    .argument('<media_id>', 'the id that "material add" printed')
    .option('--out <file>', 'where to; default: the name that WeChat gives it')
    .option(...TOOL_JSON_OPTION)
    .action((mediaId: string, { out, json }: Options) =>
      withWeChat(async (wechat) => {
        printSaved(await saveDownload(await wechat.material.get(mediaId), mediaId, out), json);
      }),
    );
  material
    .command('delete')
    .description('delete what is kept, for good')
    .argument('<media_id>', 'the id that "material add" printed')
    .option(...TOOL_JSON_OPTION)
    .action((mediaId: string, { json }: Options) =>
      withWeChat(async (wechat) => {
        await wechat.material.delete(mediaId);
        print(json ? JSON.stringify({ done: 'deleted', media_id: mediaId }) : 'Deleted.');
      }),
    );
  material
    .command('count')
    .description('print how many of each kind are kept; 100000 images and 1000 of each other kind can be')
    .option(...TOOL_JSON_OPTION)
    .action(({ json }: Options) =>
      withWeChat(async (wechat) => {
        const count = await wechat.material.count();
        if (json) return print(JSON.stringify(count));
        for (const kind of ['image', 'voice', 'video', 'news'] as const)
          print(`${kind.padEnd(6)} ${count[`${kind}_count`]}`);
      }),
    );
}

async function add(file: string, { type, title, introduction, json }: AddOptions): Promise<void> {
  const as = type ?? typeOf(file);
  if (as === 'video' && !(title && introduction))
    throw new UsageError('a video that is kept has --title and --introduction.');
  await withWeChat(async (wechat) => {
    const answer =
      as === 'video'
        ? await wechat.material.addVideo({ file }, { title: title ?? '', introduction: introduction ?? '' })
        : await wechat.material.add(as, { file });
    print(json ? JSON.stringify(answer) : answer.media_id);
  });
}

async function list({ type, offset, count, json }: ListOptions): Promise<void> {
  await withWeChat(async (wechat) => {
    const page = { type, offset: Number(offset), count: Number(count) };
    const { item, total_count } = await wechat.material.batchGet(page);
    for (const one of item) print(json ? JSON.stringify(one) : describe(one));
    if (!json) printError(`${item.length} of ${total_count}`);
  });
}

function describe({ media_id, update_time, name, content }: MaterialItem): string {
  const { news_item: articles = [] } = (content ?? {}) as {
    readonly news_item?: readonly { readonly title: string }[];
  };
  const what = name ?? articles.map(({ title }) => title).join(' · ');
  return `${media_id}  ${new Date(update_time * 1000).toISOString()}  ${what}`;
}
