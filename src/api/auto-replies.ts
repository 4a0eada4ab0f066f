import type { Api } from './api.ts';
import { get } from './endpoint.ts';

/** One thing the console's auto-reply says (自动回复). */
export interface AutoReply {
  /** `news` only for keywords. */
  readonly type: 'text' | 'img' | 'voice' | 'video' | 'news';
  /** The text, or a media_id: temporary, for 3 days, and another at each call; permanent for `news`. */
  readonly content: string;
  /** Of `news`. */
  readonly news_info?: { readonly list: readonly AutoReplyArticle[] };
}

export interface AutoReplyArticle {
  readonly title: string;
  readonly author?: string;
  readonly digest?: string;
  readonly show_cover?: 0 | 1;
  readonly cover_url?: string;
  readonly content_url: string;
  readonly source_url?: string;
}

/** Keywords, and what is said to them. */
export interface AutoReplyRule {
  readonly rule_name: string;
  /** Seconds since 1970. */
  readonly create_time?: number;
  readonly reply_mode: 'reply_all' | 'random_one';
  readonly keyword_list_info: readonly {
    readonly type: string;
    readonly match_mode: 'contain' | 'equal';
    readonly content: string;
  }[];
  readonly reply_list_info: readonly AutoReply[];
}

/** All that the console's auto-reply says: to new followers, to keywords, and to whatever else is written. */
export interface AutoReplies {
  readonly is_add_friend_reply_open: 0 | 1;
  readonly is_autoreply_open: 0 | 1;
  readonly add_friend_autoreply_info?: AutoReply;
  /** Said to whatever has no keyword; by WeChat itself once in 60 minutes. */
  readonly message_default_autoreply_info?: AutoReply;
  readonly keyword_autoreply_info?: { readonly list: readonly AutoReplyRule[] };
}

/** What an operator has set up on the website (自动回复); it rests while the account has a server. */
export interface AutoRepliesApi {
  /** 获取公众号的自动回复规则. GET /cgi-bin/get_current_autoreply_info */
  get(): Promise<AutoReplies>;
}

export function createAutoRepliesApi(api: Api): AutoRepliesApi {
  return { get: () => get(api, '/cgi-bin/get_current_autoreply_info') };
}
