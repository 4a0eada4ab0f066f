import { cdata, cleanForXml } from './cdata.ts';
import { checkedText, needed, neededArticle, neededSound, optional } from './checks.ts';
import type { Article, Image, Message, Music, ReplyMessage, Video, Voice } from './message.ts';
import type { Envelope } from './push.ts';

export type { ReplyMessage } from './message.ts';

/** Which pushes take one article in a `news` reply, since 2018-10-12; all others take eight. (被动回复用户消息) */
const ONE_ARTICLE = new Set(['text', 'image', 'voice', 'video', 'shortvideo', 'location', 'link']);

/** How many articles a passive reply to this push may have. WeChat drops more than that without a word. */
export function articleLimit(push: Envelope): number {
  return ONE_ARTICLE.has(push.MsgType) ? 1 : 8;
}

/**
 * The XML of a passive reply. Throws TypeError for a message that WeChat would refuse, which shows the user its fault notice.
 * @param now milliseconds
 */
export function buildReply(push: Envelope, message: ReplyMessage, now: number): string {
  return `<xml>${header(push, message.type, now)}${bodyOf(push, message)}</xml>`;
}

/** The addresses are those of the push, swapped. */
function header(push: Envelope, type: string, now: number): string {
  return (
    `<ToUserName>${cdata(push.FromUserName)}</ToUserName><FromUserName>${cdata(push.ToUserName)}</FromUserName>` +
    `<CreateTime>${Math.floor(now / 1000)}</CreateTime><MsgType>${cdata(type)}</MsgType>`
  );
}

function bodyOf(push: Envelope, message: ReplyMessage): string {
  switch (message.type) {
    case 'text':
      return `<Content>${cdata(checkedText(cleanForXml(message.content)))}</Content>`;
    case 'image':
      return `<Image>${mediaId(message)}</Image>`;
    case 'voice':
      return `<Voice>${mediaId(message)}</Voice>`;
    case 'video':
      return `<Video>${mediaId(message)}${titles(message)}</Video>`;
    case 'music':
      neededSound(message);
      return (
        `<Music>${titles(message)}${element('MusicUrl', message.musicUrl)}${element('HQMusicUrl', message.hqMusicUrl)}` +
        `${element('ThumbMediaId', message.thumbMediaId)}</Music>`
      );
    case 'news':
      return articles(message.articles, articleLimit(push));
    case 'transfer_customer_service':
      return optional(message.kfAccount) ? `<TransInfo>${element('KfAccount', message.kfAccount)}</TransInfo>` : '';
    case 'transfer_biz_ai_ivr':
      return '';
    default:
      throw new TypeError(
        `A ${(message as Message).type} message cannot be a passive reply: send it as a customer-service message.`,
      );
  }
}

function articles(list: readonly Article[], limit: number): string {
  if (list.length < 1 || list.length > limit) {
    throw new TypeError(`A news reply to this push takes 1 to ${limit} articles, not ${list.length}.`);
  }
  list.forEach(neededArticle);
  const items = list.map(
    (article) =>
      `<item>${element('Title', article.title)}${element('Description', article.description)}` +
      `${element('PicUrl', article.picUrl)}${element('Url', article.url)}</item>`,
  );
  return `<ArticleCount>${list.length}</ArticleCount><Articles>${items.join('')}</Articles>`;
}

function mediaId(message: Image | Voice | Video): string {
  return element('MediaId', needed(message, 'mediaId', message.mediaId));
}

function titles(message: Video | Music): string {
  return element('Title', message.title) + element('Description', message.description);
}

/** A field with nothing in it has no element. */
function element(name: string, value: string | undefined): string {
  const given = optional(value);
  return given === undefined ? '' : `<${name}>${cdata(given)}</${name}>`;
}
