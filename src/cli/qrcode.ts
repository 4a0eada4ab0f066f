import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { NetworkError } from '../api/errors.ts';
import { toError } from '../errors.ts';
import { print } from './print.ts';
import { TOOL_JSON_OPTION } from './tool.ts';
import { withWeChat } from './with-wechat.ts';

interface Options {
  readonly permanent?: boolean;
  readonly seconds?: string;
  readonly text?: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

export function addQrcodeCommand(program: Command): void {
  program
    .command('qrcode')
    .description('make a code whose scan brings back a scene, as the event SCAN or in that of a new follower')
    .argument('<scene>', 'a number, or a text of 1 to 64 characters')
    .option('--permanent', 'for ever, of which an account has at most 100000; a numeric scene is then 1 to 100000')
    .option('--seconds <number>', 'how long a temporary code lives; default: 2592000, which is 30 days and the most')
    .option('--text', 'take a scene of digits for a text')
    .option('--out <file>', 'save the picture, a JPG')
    .option(...TOOL_JSON_OPTION)
    .action((given: string, { permanent, seconds, text, out, json }: Options) =>
      withWeChat(async (wechat) => {
        const scene = /^\d+$/.test(given) && !text ? Number(given) : given;
        const life = seconds === undefined ? undefined : Number(seconds);
        const code = permanent
          ? await wechat.qrcodes.createPermanent(scene)
          : await wechat.qrcodes.createTemporary(scene, life);
        const picture = wechat.qrcodes.imageUrl(code.ticket);
        const kind = permanent ? 'for ever' : `for ${code.expire_seconds} seconds`;
        print(
          json
            ? JSON.stringify({ ...code, picture })
            : `scene    ${given}, ${kind}\nsays     ${code.url}\npicture  ${picture}`,
        );
        if (out !== undefined) await savePicture(picture, out);
      }),
    );
}

/** Milliseconds. */
const DOWNLOAD_WITHIN = 30_000;

/** Throws NetworkError for anything that is no picture; a file that was there stays as it was. */
export async function savePicture(url: string, file: string): Promise<void> {
  const { pathname } = new URL(url);
  const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_WITHIN) }).catch((error: unknown) => {
    throw new NetworkError(pathname, false, toError(error).message);
  });
  const type = response.headers.get('content-type') ?? '';
  if (!response.ok || !type.startsWith('image/'))
    throw new NetworkError(pathname, false, `HTTP ${response.status} with ${type || 'no type'} instead of a picture`);
  await writeFile(file, new Uint8Array(await response.arrayBuffer()));
}
