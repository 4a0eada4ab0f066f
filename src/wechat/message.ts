/**
 * The messages an account can send: the builders users call, and the plain objects they return. The same object becomes a
 * passive reply (`buildReply`) or a customer-service message (`customerServiceMessage`), where WeChat has both forms.
 */

export interface Text {
  readonly type: 'text';
  readonly content: string;
}
/**
 * Where a picture, a sound or a film comes from: what WeChat has already, a file on the worker's disk, an address that is
 * fetched when it is sent, or its bytes. All but `mediaId` are for what `run` returns: they are uploaded at delivery.
 */
export type MediaSource =
  | { readonly mediaId: string }
  | { readonly file: string }
  | { readonly url: string }
  | { readonly bytes: Uint8Array; readonly filename?: string };
interface Sourced {
  readonly mediaId?: string;
  readonly file?: string;
  readonly url?: string;
  readonly bytes?: Uint8Array;
  readonly filename?: string;
}
export interface Image extends Sourced {
  readonly type: 'image';
}
export interface Voice extends Sourced {
  readonly type: 'voice';
}
export interface Video extends Sourced {
  readonly type: 'video';
  /** Required in a customer-service message, or `thumb`; a passive reply has none. */
  readonly thumbMediaId?: string;
  /** A JPG of at most 64 KB. */
  readonly thumb?: MediaSource;
  readonly title?: string;
  readonly description?: string;
}
export interface Music {
  readonly type: 'music';
  /** The guide calls it required, but WeChat takes music without it. */
  readonly thumbMediaId?: string;
  /** A JPG of at most 64 KB. */
  readonly thumb?: MediaSource;
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
  /** 520×416. Required, or `thumb`. */
  readonly thumbMediaId?: string;
  readonly thumb?: MediaSource;
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
type WithThumb<M extends Message> = Omit<Fields<M>, 'thumb' | 'thumbMediaId'> &
  ({ readonly thumbMediaId: string } | { readonly thumb: MediaSource });

/** Text of at most 2048 bytes. A newline and `<a href="…">…</a>` work. */
export const text = (content: string): Text => ({ type: 'text', content });

/**
 * A picture (no GIF as a passive reply). `mediaId` is temporary, for 3 days, or permanent; so it is for all media. What `run`
 * returns may also have `file`, `url` or `bytes`: png, jpg or gif of at most 10 MB; another picture is shown as an article.
 */
export const image = (fields: MediaSource): Image => ({ type: 'image', ...fields });

/** amr or mp3, at most 2 MB and 60 s; another sound is a link. */
export const voice = (fields: MediaSource): Voice => ({ type: 'voice', ...fields });

/** mp4 of at most 10 MB; sent, it needs a thumb. Another film is a link. */
export const video = (fields: MediaSource & Omit<Fields<Video>, keyof Sourced>): Video => ({
  type: 'video',
  ...fields,
});

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

export const miniprogram = (fields: WithThumb<MiniProgram>): MiniProgram => ({ type: 'miniprogrampage', ...fields });

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
