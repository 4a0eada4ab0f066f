/** What the statistics (数据统计) answer, with WeChat's own names. Source: official pages 用户数据, 图文数据, 消息数据, 接口数据. */

export interface Days<Row> {
  readonly list: readonly Row[];
  /** The latest figures are not there yet. Only in those of what was published. */
  readonly is_delay?: boolean;
}

interface Day {
  /** `YYYY-MM-DD`; of a week its Monday, of a month its first day. */
  readonly ref_date: string;
}
interface Hour extends Day {
  /** 0 to 2300. */
  readonly ref_hour: number;
}

export interface UserSummary extends Day {
  /** Where they came from: 0 others, 1 search, 17 a card, 30 a QR code, 51 payment, 57 an article, 100 advertisement … */
  readonly user_source: number;
  readonly new_user: number;
  readonly cancel_user: number;
}
export interface UserCumulate extends Day {
  readonly cumulate_user: number;
}

/** `msgid` is the msg_data_id of the message, `_`, and the number of the article, from 1. */
interface OfArticle extends Day {
  readonly msgid: string;
  readonly title?: string;
}
interface ReadUsers {
  readonly read_user: number;
  readonly read_user_source?: readonly { readonly user_count: number; readonly scene_desc?: string }[];
}
export interface ArticleRead extends OfArticle {
  readonly detail: ReadUsers;
}
export interface ArticleShare extends OfArticle {
  readonly detail: { readonly share_user: number };
}
interface Published extends ReadUsers {
  readonly share_user: number;
  readonly zaikan_user: number;
  readonly like_user: number;
  readonly comment_count: number;
  readonly collection_user: number;
}
export interface BizSummary extends Day {
  readonly detail: Published & { readonly redirect_ori_page_user?: number; readonly send_page_count?: number };
}
export interface ArticleTotalDetail extends OfArticle {
  /** 0 followers were told, 1 not. */
  readonly publish_type?: number;
  /** From the day it was published to each of the 30 days after. */
  readonly detail_list: readonly (Published & { readonly stat_date: string; readonly [figure: string]: unknown })[];
}

interface Reads {
  readonly int_page_read_user: number;
  readonly int_page_read_count: number;
  readonly ori_page_read_user: number;
  readonly ori_page_read_count: number;
  readonly share_user: number;
  readonly share_count: number;
  readonly add_to_fav_user: number;
  readonly add_to_fav_count: number;
}
export interface ArticleSummary extends OfArticle, Reads {}
export interface ArticleTotal extends OfArticle {
  readonly details: readonly (Reads & { readonly stat_date: string; readonly target_user: number })[];
}
export interface UserRead extends Day, Reads {
  /** 99999999 all, 0 chat, 1 friends, 2 moments, 4 the account's page, 5 others, 6 recommended, 7 search. */
  readonly user_source: number;
}
export interface UserReadHour extends UserRead, Hour {}
export interface UserShare extends Day {
  /** 1 to a friend, 2 moments, 255 others. */
  readonly share_scene: number;
  readonly share_count: number;
  readonly share_user: number;
}
export interface UserShareHour extends UserShare, Hour {}

export interface UpstreamMessage extends Day {
  /** 1 text, 2 picture, 3 voice, 4 video, 6 link or other. */
  readonly msg_type: number;
  readonly msg_user: number;
  readonly msg_count: number;
}
export interface UpstreamMessageHour extends UpstreamMessage, Hour {}
export interface UpstreamMessageDist extends Day {
  /** How many each wrote: 0 none, 1 one to five, 2 six to ten, 3 more. */
  readonly count_interval: number;
  readonly msg_user: number;
}

export interface InterfaceSummary extends Day {
  readonly callback_count: number;
  readonly fail_count: number;
  /** Milliseconds, of all. */
  readonly total_time_cost: number;
  readonly max_time_cost: number;
}
export interface InterfaceSummaryHour extends InterfaceSummary, Hour {}

export interface DatacubeRows {
  /** New and lost followers (用户增减). 7 days. POST /datacube/getusersummary */
  userSummary: UserSummary;
  /** All followers (累计用户). 7 days. POST /datacube/getusercumulate */
  userCumulate: UserCumulate;
  /** Readers of what was read that day (发表内容每日阅读). 1 day. POST /datacube/getarticleread */
  articleRead: ArticleRead;
  /** 发表内容每日分享. 1 day. POST /datacube/getarticleshare */
  articleShare: ArticleShare;
  /** What was published that day, to this day (发表内容详细数据). 1 day. POST /datacube/getarticletotaldetail */
  articleTotalDetail: ArticleTotalDetail;
  /** All that was published (发表内容概况). 30 days. POST /datacube/getbizsummary */
  bizSummary: BizSummary;
  /** 图文群发每日数据. 1 day. WeChat no longer keeps it up: articleRead. POST /datacube/getarticlesummary */
  articleSummary: ArticleSummary;
  /** 图文群发总数据. 1 day. WeChat no longer keeps it up: articleTotalDetail. POST /datacube/getarticletotal */
  articleTotal: ArticleTotal;
  /** 图文统计数据. 3 days. WeChat no longer keeps it up: bizSummary. POST /datacube/getuserread */
  userRead: UserRead;
  /** 图文统计分时数据. 1 day. WeChat no longer keeps it up. POST /datacube/getuserreadhour */
  userReadHour: UserReadHour;
  /** 图文分享转发数据. 7 days. WeChat no longer keeps it up: articleShare. POST /datacube/getusershare */
  userShare: UserShare;
  /** 图文分享转发分时数据. 1 day. WeChat no longer keeps it up. POST /datacube/getusersharehour */
  userShareHour: UserShareHour;
  /** Messages of followers (消息发送概况). 7 days. POST /datacube/getupstreammsg */
  upstreamMessage: UpstreamMessage;
  /** 消息发送分时数据. 1 day. POST /datacube/getupstreammsghour */
  upstreamMessageHour: UpstreamMessageHour;
  /** 消息发送周数据. 30 days. POST /datacube/getupstreammsgweek */
  upstreamMessageWeek: UpstreamMessage;
  /** 消息发送月数据. 30 days. POST /datacube/getupstreammsgmonth */
  upstreamMessageMonth: UpstreamMessage;
  /** How many messages each wrote (消息发送分布). 15 days. POST /datacube/getupstreammsgdist */
  upstreamMessageDist: UpstreamMessageDist;
  /** 消息发送分布周数据. 30 days. POST /datacube/getupstreammsgdistweek */
  upstreamMessageDistWeek: UpstreamMessageDist;
  /** 消息发送分布月数据. 30 days. POST /datacube/getupstreammsgdistmonth */
  upstreamMessageDistMonth: UpstreamMessageDist;
  /** Pushes as WeChat counts them, and how long they took (接口分析). 30 days. POST /datacube/getinterfacesummary */
  interfaceSummary: InterfaceSummary;
  /** 接口分析分时数据. 1 day. POST /datacube/getinterfacesummaryhour */
  interfaceSummaryHour: InterfaceSummaryHour;
}
