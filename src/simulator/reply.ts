// Which passive replies WeChat accepts, as one table, and what the follower then sees.
import { Illegal } from './illegal.ts';
import type { PushFacts } from './push-xml.ts';
import { childOf, type Element, single, textOf } from './reply-xml.ts';

/** A passive reply: `{ type: 'text', content }`, `{ type: 'image', mediaId }`, … */
export interface Reply {
  type: string;
  [field: string]: unknown;
}

interface Shape {
  within?: string;
  required: string[];
  optional?: string[];
  /** May be missing, but not empty. */
  filled?: string[];
}

const SHAPES: Record<string, Shape> = {
  text: { required: ['Content'] },
  image: { within: 'Image', required: ['MediaId'] },
  voice: { within: 'Voice', required: ['MediaId'] },
  video: { within: 'Video', required: ['MediaId'], optional: ['Title', 'Description'] },
  music: {
    within: 'Music',
    required: [],
    optional: ['Title', 'Description', 'MusicUrl', 'HQMusicUrl'],
    filled: ['ThumbMediaId'],
  },
};
const ARTICLE: Shape = { required: ['Title'], optional: ['Description', 'PicUrl', 'Url'] };

const WITHOUT_THUMB =
  'the music has no ThumbMediaId: the guide calls it required, but WeChat was seen to take music without it';

/** Measured, not documented: above it the follower sees the fault notice. */
const MAX_CONTENT_BYTES = 2048;
const ONE_ARTICLE_FOR = ['text', 'image', 'voice', 'video', 'shortvideo', 'link', 'location'];

/** Reads the reply to `push` out of its `<xml>`. Throws Illegal; `notes` gets what is odd, but passes. */
export function readReply(root: Element, push: PushFacts, notes: string[]): Reply {
  checkAddresses(root, push);
  const createTime = textOf(root, 'CreateTime');
  if (!/^\d+$/.test(createTime)) {
    throw new Illegal(`<CreateTime> is "${createTime}" and no number`, `<CreateTime> 不是数字：${createTime}`);
  }
  if (createTime.length > 10) notes.push('CreateTime is in milliseconds; WeChat writes seconds');
  const type = textOf(root, 'MsgType');
  if (type === 'news') return readNews(root, push, notes);
  if (type === 'transfer_customer_service') return readTransfer(root);
  const shape = Object.hasOwn(SHAPES, type) ? SHAPES[type] : undefined;
  if (shape === undefined) {
    throw new Illegal(`"${type}" is no message type of a passive reply`, `被动回复没有 ${type} 这种类型`);
  }
  const fields = readFields(shape.within === undefined ? root : childOf(root, shape.within), shape);
  if (type === 'music' && fields['thumbMediaId'] === undefined) notes.push(WITHOUT_THUMB);
  const bytes = Buffer.byteLength(fields['content'] ?? '');
  if (bytes > MAX_CONTENT_BYTES) {
    throw new Illegal(
      `<Content> has ${bytes} bytes; more than ${MAX_CONTENT_BYTES} are refused`,
      `<Content> 有 ${bytes} 字节，超过了 ${MAX_CONTENT_BYTES} 字节`,
    );
  }
  return { type, ...fields };
}

function checkAddresses(root: Element, push: PushFacts): void {
  const to = textOf(root, 'ToUserName');
  const from = textOf(root, 'FromUserName');
  if (to === push.openid && from === push.account) return;
  if (to === push.account && from === push.openid) {
    throw new Illegal(
      'ToUserName and FromUserName are as in the push; a reply has to swap them',
      '回复里的 ToUserName 和 FromUserName 没有对调',
    );
  }
  throw new Illegal(
    `the reply is addressed to "${to}" from "${from}", and not to the follower from the account`,
    '回复的 ToUserName / FromUserName 不是这位用户和本公众号',
  );
}

function readFields(element: Element, shape: Shape): Record<string, string> {
  const fields: Record<string, string> = {};
  const filled = (shape.filled ?? []).filter((name) => single(element, name) !== undefined);
  for (const name of [...shape.required, ...filled]) fields[camelCase(name)] = textOf(element, name);
  for (const name of shape.optional ?? []) {
    const value = single(element, name);
    if (typeof value === 'string' && value !== '') fields[camelCase(name)] = value;
  }
  return fields;
}

function camelCase(name: string): string {
  return name.replace(/^(HQ|[A-Z])/, (start) => start.toLowerCase());
}

function readNews(root: Element, push: PushFacts, notes: string[]): Reply {
  const count = textOf(root, 'ArticleCount');
  const items = childOf(root, 'Articles')['item'] ?? [];
  if (items.length === 0 || Number(count) !== items.length) {
    throw new Illegal(
      `<ArticleCount> is ${count}, but there are ${items.length} articles`,
      `<ArticleCount> 是 ${count}，实际有 ${items.length} 篇文章`,
    );
  }
  const limit = ONE_ARTICLE_FOR.includes(push.type) ? 1 : 8;
  if (items.length > limit) notes.push(`WeChat shows ${limit} of these ${items.length} articles and drops the rest`);
  const articles = items.slice(0, limit).map((item) => {
    if (typeof item === 'string') throw new Illegal('an <item> of the articles is empty', '有一篇文章 <item> 是空的');
    if (single(item, 'Url') === '') notes.push('an article has an empty <Url>, which opens a blank page: leave it out');
    return readFields(item, ARTICLE);
  });
  return { type: 'news', articles };
}

function readTransfer(root: Element): Reply {
  const type = 'transfer_customer_service';
  if (single(root, 'TransInfo') === undefined) return { type };
  return { type, kfAccount: textOf(childOf(root, 'TransInfo'), 'KfAccount') };
}
