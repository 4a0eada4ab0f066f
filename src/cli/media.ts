import { type Command, Option } from 'commander';
import type { MediaType } from '../api/media.ts';
import { printSaved, saveDownload, typeOf } from './files.ts';
import { print } from './print.ts';
import { TOOL_JSON_OPTION } from './tool.ts';
import { withWeChat } from './with-wechat.ts';

interface Options {
  readonly type?: MediaType;
  readonly out?: string;
  readonly json?: boolean;
}

export function addMediaCommand(program: Command): void {
  const media = program.command('media').description('temporary media: upload a file for 3 days, download one');
  media
    .command('upload')
    .description('upload a file, and print its media_id, which lives for 3 days')
    .argument('<file>', 'png, jpg, gif: 10 MB; amr, mp3: 2 MB; mp4: 10 MB; a thumb, jpg: 64 KB')
    .addOption(
      new Option('--type <type>', 'default: by the ending of the name').choices(['image', 'voice', 'video', 'thumb']),
    )
    .option(...TOOL_JSON_OPTION)
    .action((file: string, { type, json }: Options) => {
      const as = type ?? typeOf(file);
      return withWeChat(async (wechat) => {
        const answer = await wechat.media.upload(as, { file });
        print(json ? JSON.stringify(answer) : answer.media_id);
      });
    });
  media
    .command('get')
    .description('save what was uploaded, or what a user sent; prints where a video lies')
    .argument('<media_id>', 'the id that "media upload" printed, or the MediaId of a push')
    .option('--out <file>', 'where to; default: the name that WeChat gives it')
    .option(...TOOL_JSON_OPTION)
    .action((mediaId: string, { out, json }: Options) =>
      withWeChat(async (wechat) => {
        printSaved(await saveDownload(await wechat.media.get(mediaId), mediaId, out), json);
      }),
    );
}
