import { cleanForJson } from './cdata.ts';
import { checkedText, needed, neededArticle, neededSound, optional } from './checks.ts';
import type { Article, CustomerServiceMessage, MenuItem, Message } from './message.ts';

export interface CustomerServiceOptions {
  /** Shown as the sender: a customer-service account, such as `name@gh-id`. */
  readonly kfAccount?: string;
  /** Adds the grey line 内容由第三方AI生成. */
  readonly ai?: boolean;
}

/**
 * The body of a POST to /cgi-bin/message/custom/send. Throws TypeError for a message that WeChat would refuse. (Official
 * API page: 发送客服消息.)
 */
export function customerServiceMessage(openid: string, message: Message, options: CustomerServiceOptions = {}): object {
  const { kfAccount, ai } = options;
  return {
    touser: openid,
    msgtype: message.type,
    [message.type]: bodyOf(message as CustomerServiceMessage),
    ...(optional(kfAccount) === undefined ? {} : { customservice: { kf_account: kfAccount } }),
    ...(ai ? { aimsgcontext: { is_ai_msg: 1 } } : {}),
  };
}

/** `undefined` members are left out by JSON. */
function bodyOf(message: CustomerServiceMessage): object {
  switch (message.type) {
    case 'text':
      return { content: checkedText(cleanForJson(message.content)) };
    case 'image':
    case 'voice':
    case 'mpnews':
      return { media_id: needed(message, 'mediaId', message.mediaId) };
    case 'video':
      return {
        media_id: needed(message, 'mediaId', message.mediaId),
        thumb_media_id: needed(message, 'thumbMediaId', message.thumbMediaId),
        title: optional(message.title),
        description: optional(message.description),
      };
    case 'music':
      neededSound(message);
      return {
        title: optional(message.title),
        description: optional(message.description),
        musicurl: optional(message.musicUrl),
        hqmusicurl: optional(message.hqMusicUrl),
        thumb_media_id: optional(message.thumbMediaId),
      };
    case 'news':
      return { articles: [oneArticle(message.articles)] };
    case 'mpnewsarticle':
      return { article_id: needed(message, 'articleId', message.articleId) };
    case 'msgmenu':
      return {
        head_content: optional(message.head),
        list: menuItems(message.items),
        tail_content: optional(message.tail),
      };
    case 'wxcard':
      return { card_id: needed(message, 'cardId', message.cardId) };
    case 'miniprogrampage':
      return {
        title: optional(message.title),
        appid: needed(message, 'appId', message.appId),
        pagepath: optional(message.pagePath),
        thumb_media_id: needed(message, 'thumbMediaId', message.thumbMediaId),
      };
    case 'link':
      return {
        title: optional(message.title),
        description: optional(message.description),
        url: needed(message, 'url', message.url),
        thumb_url: optional(message.thumbUrl),
      };
    default:
      throw new TypeError(`A ${(message as Message).type} message is a passive reply alone: return it from reply.`);
  }
}

function oneArticle(articles: readonly Article[]): object {
  const [article] = articles;
  if (article === undefined || articles.length > 1) {
    throw new TypeError(
      `A customer-service news message takes one article, not ${articles.length}: send one after the other.`,
    );
  }
  neededArticle(article);
  return {
    title: optional(article.title),
    description: optional(article.description),
    url: optional(article.url),
    picurl: optional(article.picUrl),
  };
}

function menuItems(items: readonly MenuItem[]): object[] {
  if (items.length === 0) throw new TypeError('A menu needs items: menu({ items: [{ id, content }] }).');
  return items.map(({ id, content }) => ({ id, content }));
}

/**
 * JSON as WeChat reads it: raw UTF-8, since a `\uXXXX` shows in the chat as such or is refused (40033, 47002). JSON.stringify
 * writes it for control characters and for halves of emoji, so these are left out or replaced first.
 */
export function encodeJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => (typeof member === 'string' ? cleanForJson(member) : member));
}
