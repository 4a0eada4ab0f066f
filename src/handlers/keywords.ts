import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { ConfigError } from '../errors.ts';
import { readText, whyUnread } from '../text-file.ts';
import { image, type Message, news, text, video, voice } from '../wechat/message.ts';
import type { Push } from '../wechat/push.ts';
import { type AnyHandler, handler } from './definition.ts';
import { containing, saying } from './said.ts';

/** What a text may weigh, as a passive reply. */
const MAX_BYTES = 2048;

const needed = z.string().min(1, 'must not be empty');
const article = z.object({
  title: z.string(),
  digest: z.string().optional(),
  cover_url: z.string().optional(),
  content_url: needed,
});
const reply = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('text'),
    content: needed.refine((said) => Buffer.byteLength(said) <= MAX_BYTES, `has more than ${MAX_BYTES} bytes`),
  }),
  z.object({ type: z.enum(['img', 'voice', 'video']), content: needed }),
  z.object({ type: z.literal('news'), news_info: z.object({ list: z.array(article).min(1) }) }),
]);
const keyword = z.object({ match_mode: z.enum(['equal', 'contain']), content: needed });
const rule = z.object({
  rule_name: z.string().optional(),
  reply_mode: z.enum(['reply_all', 'random_one']),
  keyword_list_info: z.array(keyword).min(1),
  reply_list_info: z.array(reply).min(1),
});
const flag = z.union([z.literal(0), z.literal(1)], 'must be 0 or 1');
/** WeChat's own form, 获取公众号的自动回复规则: what is not needed here is left alone. */
const replies = z.object({
  is_add_friend_reply_open: flag.default(1),
  is_autoreply_open: flag.default(1),
  add_friend_autoreply_info: reply.optional(),
  message_default_autoreply_info: reply.optional(),
  keyword_autoreply_info: z.object({ list: z.array(rule) }).optional(),
});

type Reply = z.infer<typeof reply>;
type Rule = z.infer<typeof rule>;
type Mode = z.infer<typeof keyword>['match_mode'];
type Replies = z.infer<typeof replies>;

/**
 * Handlers that answer as the console's auto-reply (自动回复) did, from the file that `wxrelay import` writes: to new
 * followers, to keywords (also those that are a menu button's key), and, where the file has a default, to every other
 * message. Put them where the rest of the list may wait: `handlers = [...mine, ...keywords('keywords.json')]`.
 *
 * One message is the passive reply; several, each article of a news among them, are sent by a worker. Keywords that are
 * equal come before those that are contained, then the first rule of the file. The file is read once; a ConfigError lists
 * all that is wrong with it.
 */
export function keywords(file: string | URL): readonly AnyHandler[] {
  const find = oncePerPush(finder(readReplies(file)));
  const on = ['event:subscribe', 'event:CLICK', 'message'] as const;
  const found = (push: Push, wanted: (count: number) => boolean) => {
    const messages = find(push);
    return messages && wanted(messages.length) ? messages : undefined;
  };
  return [
    handler({
      name: 'keywords',
      on,
      match: (push) => found(push, (count) => count === 1),
      reply: ({ match: [message] }) => message,
    }),
    handler({
      name: 'keywords-several',
      on,
      match: (push) => found(push, (count) => count > 1),
      run: ({ match }) => match,
    }),
  ];
}

/** Both handlers are asked about a push, and what is random must be the same for both. */
function oncePerPush<T>(find: (push: Push) => T): (push: Push) => T {
  const answers = new WeakMap<Push, { readonly found: T }>();
  return (push) => {
    const known = answers.get(push) ?? { found: find(push) };
    answers.set(push, known);
    return known.found;
  };
}

function finder(given: Replies): (push: Push) => readonly Message[] | undefined {
  const rules = (given.keyword_autoreply_info?.list ?? []).map(reading);
  const welcome = given.is_add_friend_reply_open ? given.add_friend_autoreply_info : undefined;
  const otherwise = given.is_autoreply_open ? given.message_default_autoreply_info : undefined;
  const found = (push: Push, mode: Mode) => rules.find(({ keys }) => keys[mode].some((fits) => fits(push)))?.rule;
  return (push) => {
    const { MsgType, Event } = push as Readonly<Record<string, string | undefined>>;
    if (MsgType === 'event' && Event?.toLowerCase() === 'subscribe') return welcome && messagesOf(welcome);
    const chosen = found(push, 'equal') ?? (MsgType === 'event' ? undefined : found(push, 'contain'));
    if (chosen) return said(chosen);
    return MsgType === 'event' || !otherwise ? undefined : messagesOf(otherwise);
  };
}

/** A rule with its keywords ready to be compared. */
function reading(rule: Rule) {
  const of = (mode: Mode) => rule.keyword_list_info.filter(({ match_mode }) => match_mode === mode);
  const keys = {
    equal: of('equal').map(({ content }) => saying(content)),
    contain: of('contain').map(({ content }) => containing(content)),
  };
  return { rule, keys };
}

function said({ reply_mode, reply_list_info: list }: Rule): readonly Message[] {
  if (reply_mode === 'reply_all') return list.flatMap(messagesOf);
  return messagesOf(list[Math.floor(Math.random() * list.length)] as Reply);
}

/** A message shows one article, since 2018. */
function messagesOf(one: Reply): Message[] {
  switch (one.type) {
    case 'text':
      return [text(one.content)];
    case 'img':
      return [image({ mediaId: one.content })];
    case 'voice':
      return [voice({ mediaId: one.content })];
    case 'video':
      return [video({ mediaId: one.content })];
    case 'news':
      return one.news_info.list.map(({ title, digest, cover_url, content_url }) =>
        news({
          title,
          ...(digest ? { description: digest } : {}),
          ...(cover_url ? { picUrl: cover_url } : {}),
          url: content_url,
        }),
      );
  }
}

function readReplies(file: string | URL): Replies {
  const path = file instanceof URL ? fileURLToPath(file) : file;
  const parsed = replies.safeParse(readJson(path));
  if (parsed.success) return parsed.data;
  throw new ConfigError(describe(parsed.error).map((problem) => `${path}: ${problem}`));
}

/** What {@link keywords} would say of such a file's content. */
export function problemsOfReplies(content: unknown): string[] {
  const parsed = replies.safeParse(content);
  return parsed.success ? [] : describe(parsed.error);
}

const describe = ({ issues }: z.ZodError): string[] =>
  issues.map(({ path, message }) => {
    const where = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
    return `${where.replace(/^\./, '') || 'it'}: ${message}`;
  });

function readJson(path: string): unknown {
  let json: string;
  try {
    json = readText(path);
  } catch (error) {
    throw new ConfigError([`${path} cannot be read (${whyUnread(error)}): "wxrelay import" writes one.`]);
  }
  try {
    return JSON.parse(json);
  } catch {
    throw new ConfigError([`${path} is not JSON.`]);
  }
}
