/**
 * The messages an account can send: the builders users call, and the plain objects they return. The same object becomes a
 * passive reply (`buildReply`) or a customer-service message (`customerServiceMessage`), where WeChat has both forms.
 */

export interface Text {
  readonly type: 'text';
  readonly content: string;
}
export interface Image {
  readonly type: 'image';
  readonly mediaId: string;
}
export interface Voice {
  readonly type: 'voice';
  readonly mediaId: string;
}
export interface Video {
  readonly type: 'video';
  readonly mediaId: string;
  /** Required in a customer-service message; a passive reply has none. */
  readonly thumbMediaId?: string;
  readonly title?: string;
  readonly description?: string;
}
export interface Music {
  readonly type: 'music';
  /** Required, unlike the rest. */
  readonly thumbMediaId: string;
  readonly title?: string;
  readonly description?: string;
  readonly musicUrl?: string;
  /** Played instead of `musicUrl` on Wi-Fi. */
  readonly hqMusicUrl?: string;
}
export interface Article {
  readonly title: string;
  readonly description?: string;
  /** JPG or PNG, 360×200 for the first article, 200×200 for the others. */
  readonly picUrl?: string;
  readonly url?: string;
}
export interface News {
  readonly type: 'news';
  readonly articles: readonly Article[];
}
export interface Transfer {
  readonly type: 'transfer_customer_service';
  readonly kfAccount?: string;
}
export interface TransferToAi {
  readonly type: 'transfer_biz_ai_ivr';
}
export interface Menu {
  readonly type: 'msgmenu';
  readonly head?: string;
  readonly items: readonly MenuItem[];
  readonly tail?: string;
}
export interface MenuItem {
  /** Comes back as `bizmsgmenuid` when the item is tapped. */
  readonly id: string;
  readonly content: string;
}
export interface MiniProgram {
  readonly type: 'miniprogrampage';
  readonly title: string;
  /** A mini-program that is linked with the account. */
  readonly appId: string;
  readonly pagePath: string;
  /** 520×416. */
  readonly thumbMediaId: string;
}
export interface Card {
  readonly type: 'wxcard';
  readonly cardId: string;
}
export interface PublishedArticle {
  readonly type: 'mpnewsarticle';
  readonly articleId: string;
}
export interface MaterialNews {
  readonly type: 'mpnews';
  readonly mediaId: string;
}
export interface Link {
  readonly type: 'link';
  readonly title: string;
  readonly description: string;
  readonly url: string;
  readonly thumbUrl: string;
}

/** What can be said inside the push's own request. */
export type ReplyMessage = Text | Image | Voice | Video | Music | News | Transfer | TransferToAi;

/** What the customer-service message API can send. */
export type CustomerServiceMessage = Exclude<ReplyMessage, Transfer | TransferToAi> | SentOnly;
type SentOnly = Menu | MiniProgram | Card | PublishedArticle | MaterialNews | Link;

export type Message = ReplyMessage | CustomerServiceMessage;

type Fields<M extends Message> = Omit<M, 'type'>;

/** Text of at most 2048 bytes. A newline and `<a href="…">…</a>` work. */
export const text = (content: string): Text => ({ type: 'text', content });

/** A picture (no GIF as a passive reply). `mediaId` is temporary, for 3 days, or permanent; so it is for all media. */
export const image = (fields: Fields<Image>): Image => ({ type: 'image', ...fields });

export const voice = (fields: Fields<Voice>): Voice => ({ type: 'voice', ...fields });

export const video = (fields: Fields<Video>): Video => ({ type: 'video', ...fields });

export const music = (fields: Fields<Music>): Music => ({ type: 'music', ...fields });

/** Articles that link to any page. One; up to eight only as a passive reply to an event. */
export const news = (...articles: Article[]): News => ({ type: 'news', articles });

/** Hands the user to a human agent, a certain one or any. A passive reply alone. */
export const transfer = (kfAccount?: string): Transfer =>
  kfAccount === undefined ? { type: 'transfer_customer_service' } : { type: 'transfer_customer_service', kfAccount };

/**
 * Hands the message to WeChat's own AI reply. A passive reply to a message, on accounts that have it switched on. The
 * guide names it (transfer_biz_ai_ivr) as being rolled out; what an account without it gets is not confirmed.
 */
export const transferToAi = (): TransferToAi => ({ type: 'transfer_biz_ai_ivr' });

/** A question with answers to tap. A tap comes back as a text message with `bizmsgmenuid`. */
export const menu = (fields: Fields<Menu>): Menu => ({ type: 'msgmenu', ...fields });

export const miniprogram = (fields: Fields<MiniProgram>): MiniProgram => ({ type: 'miniprogrampage', ...fields });

/** A coupon (卡券); not one with codes of your own. */
export const card = (fields: Fields<Card>): Card => ({ type: 'wxcard', ...fields });

/** An article that the account has published. */
export const publishedArticle = (fields: Fields<PublishedArticle>): PublishedArticle => ({
  type: 'mpnewsarticle',
  ...fields,
});

/** An article of the material library. Deprecated by WeChat: use `publishedArticle`. */
export const materialNews = (fields: Fields<MaterialNews>): MaterialNews => ({ type: 'mpnews', ...fields });

/** A link card. Mini-programs alone can send it. */
export const link = (fields: Fields<Link>): Link => ({ type: 'link', ...fields });
