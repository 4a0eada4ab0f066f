// Which bodies the customer-service message API takes, as one table.

export type Json = { [name: string]: unknown };

interface Field {
  name: string;
  errcode: number;
}

const media = (name: string): Field => ({ name, errcode: 40007 });
const wanted = (name: string): Field => ({ name, errcode: 47001 });

/** The fields each type cannot do without, and the errcode when one is missing or empty. */
const REQUIRED: Record<string, Field[]> = {
  text: [{ name: 'content', errcode: 44004 }],
  image: [media('media_id')],
  voice: [media('media_id')],
  video: [media('media_id'), media('thumb_media_id')],
  music: [],
  news: [],
  mpnews: [media('media_id')],
  mpnewsarticle: [wanted('article_id')],
  msgmenu: [],
  wxcard: [wanted('card_id')],
  miniprogrampage: [wanted('title'), wanted('appid'), wanted('pagepath'), media('thumb_media_id')],
};

/** Types that only mini-programs may send. */
const MINI_PROGRAM_ONLY = ['link'];

/** Measured, not documented. */
const MAX_TEXT_BYTES = 2048;

/** 0, or the errcode for the first thing wrong with a body that is JSON and addressed to a follower. */
export function checkMessage(body: Json): number {
  const type = body['msgtype'];
  if (typeof type === 'string' && MINI_PROGRAM_ONLY.includes(type)) return 48008;
  if (typeof type !== 'string' || !Object.hasOwn(REQUIRED, type)) return 40008;
  const part = body[type];
  if (!isObject(part)) return type === 'text' ? 44004 : 47001;
  for (const { name, errcode } of REQUIRED[type] ?? []) {
    if (!isFilled(part[name])) return errcode;
  }
  if (type === 'text' && Buffer.byteLength(String(part['content'])) > MAX_TEXT_BYTES) return 45002;
  if (type === 'music' && part['thumb_media_id'] !== undefined && !isFilled(part['thumb_media_id'])) return 40007;
  if (type === 'news') return checkArticles(part['articles']);
  if (type === 'msgmenu') return checkMenu(part['list']);
  return 0;
}

const isFilled = (value: unknown) => typeof value === 'string' && value !== '';

function checkArticles(articles: unknown): number {
  if (!Array.isArray(articles) || articles.length === 0) return 44003;
  return articles.length > 1 ? 45008 : 0;
}

function checkMenu(list: unknown): number {
  if (!Array.isArray(list) || list.length === 0) return 44005;
  return list.every((item) => isObject(item) && 'id' in item && typeof item['content'] === 'string') ? 0 : 47001;
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `\uXXXX` of a character that JSON would let stand as it is. Control characters have to be escaped and are fine. */
const NEEDLESS_ESCAPE = /(?<!\\)(?:\\\\)*\\u(?!00[01])[0-9a-fA-F]{4}/;

/** What is odd about a body that was taken. */
export function notesOn(body: Json, raw: string): string[] {
  const music = body['msgtype'] === 'music' ? body['music'] : undefined;
  return [
    ...(NEEDLESS_ESCAPE.test(raw)
      ? ['the body contains \\uXXXX escapes: WeChat was seen to show them to the follower, or to answer 40033 or 47002']
      : []),
    ...(isObject(music) && music['thumb_media_id'] === undefined
      ? [
          'the music has no thumb_media_id: the API page calls it required; WeChat was seen to take music without it as a reply',
        ]
      : []),
  ];
}
