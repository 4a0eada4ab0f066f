import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { Command } from 'commander';
import type { AutoReplies, AutoReply, AutoReplyRule } from '../api/auto-replies.ts';
import type { WeChat } from '../api/client.ts';
import { ApiError, NetworkError } from '../api/errors.ts';
import { type Keep, toCustomMenu } from '../api/self-menu.ts';
import { toError } from '../errors.ts';
import { problemsOfReplies } from '../handlers/keywords.ts';
import { UsageError } from './exit-codes.ts';
import { print, printError } from './print.ts';
import { TOOL_JSON_OPTION } from './tool.ts';
import { withWeChat } from './with-wechat.ts';

interface Options {
  readonly dir: string;
  readonly keepMedia?: boolean;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Saves what rests as soon as the account has a server (服务器配置). */
export function addImportCommand(program: Command): void {
  program
    .command('import')
    .description('save the menu and the auto-replies of the website, which end when the server URL is switched on')
    .option('--dir <folder>', 'where menu.json and keywords.json go', '.')
    .option('--keep-media', 'make permanent material of pictures, voices and videos; else these are left out')
    .option('--force', 'write over files that are there')
    .option(...TOOL_JSON_OPTION)
    .action(import_);
}

async function import_({ dir, keepMedia, force, json }: Options): Promise<void> {
  const [menuFile, keywordsFile] = [join(dir, 'menu.json'), join(dir, 'keywords.json')];
  const there = [menuFile, keywordsFile].filter((file) => existsSync(file));
  if (there.length > 0 && !force)
    throw new UsageError(
      there.map((file) => `${file} exists already: --force writes over it, --dir goes elsewhere.`).join('\n'),
    );
  await withWeChat(async (wechat) => {
    const notes: string[] = [];
    let dying = false;
    const leaveOut: Keep = async () => {
      dying = true;
      return undefined;
    };
    const keep = keepMedia ? keeper(wechat, notes) : leaveOut;
    const selfMenu = await wechat.menu.getCurrentSelfMenu();
    const { menu, rules, left } = await toCustomMenu(selfMenu, keep);
    notes.push(...left.map((name) => `the menu's button "${name}" has no form that the API takes, and is left out`));
    const kept = await keepReplies(await wechat.autoReplies.get(), keep, notes);
    const list = [...(kept.keyword_autoreply_info?.list ?? []), ...rules];
    const replies: AutoReplies = { ...kept, keyword_autoreply_info: { list } };
    if (dying)
      notes.push(
        'pictures, voices and videos live for 3 days only: --keep-media puts them into the permanent material',
      );

    await mkdir(dir, { recursive: true });
    const buttons = menu.button.length;
    const hasReplies = list.length > 0 || says(replies);
    if (buttons > 0) await writeFile(menuFile, pretty(menu));
    if (hasReplies) await writeFile(keywordsFile, pretty(replies));
    const problems = hasReplies ? problemsOfReplies(replies) : [];
    notes.push(...problems.map((problem) => `${keywordsFile} will not be taken until this is mended: ${problem}`));
    if (problems.length > 0) process.exitCode = 1;
    const written = {
      ...(buttons > 0 ? { menu: { file: menuFile, buttons } } : {}),
      ...(hasReplies ? { keywords: { file: keywordsFile, rules: list.length } } : {}),
    };
    for (const note of notes) printError(`Note: ${note}.`);
    if (json) return print(JSON.stringify({ ...written, notes }));
    print(buttons > 0 ? `Saved: ${menuFile}, ${buttons} buttons; set it with "wxrelay menu set".` : 'No menu.');
    print(
      hasReplies
        ? `Saved: ${keywordsFile}, ${list.length} rules; answer from it with keywords('${keywordsFile}').`
        : 'No auto-replies.',
    );
  });
}

const pretty = (content: object) => `${JSON.stringify(content, null, 2)}\n`;

const says = ({ add_friend_autoreply_info: welcome, message_default_autoreply_info: otherwise }: AutoReplies) =>
  welcome !== undefined || otherwise !== undefined;

/** The replies whose media live on. */
async function keepReplies(given: AutoReplies, keep: Keep, notes: string[]): Promise<AutoReplies> {
  const { add_friend_autoreply_info: welcome, message_default_autoreply_info: otherwise, ...flags } = given;
  const rules: AutoReplyRule[] = [];
  for (const rule of flags.keyword_autoreply_info?.list ?? []) {
    const list: AutoReply[] = [];
    for (const reply of rule.reply_list_info) {
      const kept = await keepReply(reply, rule.rule_name, keep, notes);
      if (kept) list.push(kept);
    }
    if (list.length > 0) rules.push({ ...rule, reply_list_info: list });
  }
  const keptWelcome = welcome && (await keepReply(welcome, '被关注回复', keep, notes));
  const keptOtherwise = otherwise && (await keepReply(otherwise, '收到消息回复', keep, notes));
  return {
    is_add_friend_reply_open: flags.is_add_friend_reply_open,
    is_autoreply_open: flags.is_autoreply_open,
    ...(keptWelcome ? { add_friend_autoreply_info: keptWelcome } : {}),
    ...(keptOtherwise ? { message_default_autoreply_info: keptOtherwise } : {}),
    keyword_autoreply_info: { list: rules },
  };
}

async function keepReply(reply: AutoReply, name: string, keep: Keep, notes: string[]): Promise<AutoReply | undefined> {
  const { type, content } = reply;
  if (type === 'text' && content) return reply;
  const articles = type === 'news' ? articlesOf(reply, name, notes) : [];
  if (articles.length > 0) return { ...reply, news_info: { list: articles } };
  if (content && (type === 'img' || type === 'voice' || type === 'video')) {
    const kept = await keep(type, content, name);
    if (kept !== undefined) return { ...reply, content: kept };
  }
  notes.push(`a reply (${type}) of "${name}" is left out`);
  return undefined;
}

/** Those that lead somewhere: one that was deleted has no address any more. */
function articlesOf({ news_info: news }: AutoReply, name: string, notes: string[]) {
  return (news?.list ?? []).filter(({ content_url: url }) => {
    if (!url) notes.push(`an article of "${name}" has no content_url and is left out`);
    return Boolean(url);
  });
}

/** Downloads what lives for 3 days, and uploads it for good. */
function keeper(wechat: WeChat, notes: string[]): Keep {
  const open = async (content: string): Promise<Readable> => {
    const download = /^https?:/.test(content)
      ? ({ kind: 'json', json: { video_url: content } } as const)
      : await wechat.media.get(content);
    if (download.kind === 'file') return download.stream;
    return fetchVideo(String((download.json as { readonly video_url?: unknown }).video_url));
  };
  return async (type, content, name) => {
    try {
      const source = { stream: await open(content) };
      const { media_id } =
        type === 'video'
          ? await wechat.material.addVideo(source, { title: name, introduction: name })
          : await wechat.material.add(type === 'img' ? 'image' : 'voice', source);
      return media_id;
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof NetworkError || error instanceof TypeError)) throw error;
      notes.push(`the ${type} of "${name}" could not be kept: ${error.message}`);
      return undefined;
    }
  };
}

/** Milliseconds. */
const DOWNLOAD_WITHIN = 120_000;

async function fetchVideo(url: string): Promise<Readable> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_WITHIN) });
    if (!response.ok || !response.body) throw new Error(`HTTP ${response.status}`);
    return Readable.fromWeb(response.body as ReadableStream);
  } catch (error) {
    throw new NetworkError(new URL(url).pathname, false, toError(error).message);
  }
}
