import { optional } from '../wechat/checks.ts';
import type { Card, Image, MaterialNews, Text, Video, Voice } from '../wechat/message.ts';
import type { Api } from './api.ts';
import { checkBytes, checkCount, checkWhole } from './checks.ts';
import type { DraftArticle } from './drafts.ts';
import { type Id, post, withIds } from './endpoint.ts';
import { ApiError } from './errors.ts';
import type { UploadedMedia } from './media.ts';

/** Several pictures in one message (图片消息). */
export interface MassImages {
  readonly type: 'images';
  readonly mediaIds: readonly string[];
  /** The words above them. */
  readonly recommend?: string;
  readonly needOpenComment?: boolean;
  readonly onlyFansCanComment?: boolean;
}

/**
 * What can be sent to many, made by `text()`, `image()`, `voice()`, `video()`, `materialNews()`, `card()`. A video's id is
 * that `uploadVideo` answers; the others are of permanent media, and news that of a draft. Unconfirmed: to openids
 * a video's msgtype is `video` in the page's table and `mpvideo` in its example; the example is followed.
 */
export type MassMessage = Text | Image | MassImages | Voice | Video | MaterialNews | Card;

/** An article of `uploadNews`, under WeChat's own names. */
export type MassArticle = Pick<
  DraftArticle,
  'title' | 'author' | 'digest' | 'content' | 'content_source_url' | 'need_open_comment' | 'only_fans_can_comment'
> & {
  /** The cover: the id of `media.upload('thumb', …)`, or of permanent media. */
  readonly thumb_media_id: string;
  readonly show_cover_pic?: 0 | 1;
};

/** All followers, or those with a tag. */
export type MassFilter = { readonly is_to_all: true } | { readonly tag_id: number };

export interface MassOptions {
  /**
   * Your own id of this send, at most 64 bytes, and what makes it safe to repeat: with it nothing is sent a second time, and
   * the ids of the first are answered (45065); within a minute it is refused (45066). Without it WeChat makes one of
   * receivers and content.
   */
  readonly clientmsgid?: string;
  /** What becomes of an article that WeChat takes for a reprint: sent all the same, or (the default) nothing is sent. */
  readonly sendIgnoreReprint?: boolean;
}

export interface MassSent {
  /** Comes back as MsgID of the event MASSSENDJOBFINISH, which has the counts; a receiver keeps them for `wxrelay mass status`. */
  readonly msg_id: Id;
  /** Only for news: what the statistics call it. */
  readonly msg_data_id?: Id;
  /** It was sent before under this `clientmsgid`, and these are the ids of that. */
  readonly sentBefore?: true;
}

/**
 * Messages to many (群发), for verified accounts. At most 60 calls a minute; a 公众号 sends one a day, and a user gets four a
 * month from a 服务号. With API protection on, an administrator must confirm a send to all
 * within 30 minutes.
 */
export interface MassApi {
  /**
   * Makes of an uploaded video (`media.upload` or `material.addVideo`) one that can be sent to many: its id is that of
   * `video()`. POST /cgi-bin/media/uploadvideo
   */
  uploadVideo(mediaId: string, words: { readonly title: string; readonly description: string }): Promise<UploadedMedia>;
  /**
   * Makes 1 to 8 articles that can be sent to many: their id is that of `materialNews()`. The older way, from before there
   * were drafts. 上传图文消息素材. POST /cgi-bin/media/uploadnews
   */
  uploadNews(articles: readonly MassArticle[]): Promise<UploadedMedia>;
  /** To all, or to a tag. 根据标签群发消息. POST /cgi-bin/message/mass/sendall */
  sendAll(to: MassFilter, message: MassMessage, options?: MassOptions): Promise<MassSent>;
  /** To 2 to 10000 users; service accounts only. 根据OpenID群发消息. POST /cgi-bin/message/mass/send */
  send(openids: readonly string[], message: MassMessage, options?: MassOptions): Promise<MassSent>;
  /** To one person, to look at. 预览消息, about 100 a day (older page). POST /cgi-bin/message/mass/preview */
  preview(
    to: { readonly touser: string } | { readonly towxname: string },
    message: Exclude<MassMessage, MassImages>,
  ): Promise<{ msg_id?: Id }>;
  /**
   * Takes the page of news or a video away; the card in the chats stays. `articleIdx` counts from 1; 0, the default, is
   * all. 删除群发消息. POST /cgi-bin/message/mass/delete
   */
  delete(msgId: Id, articleIdx?: number): Promise<void>;
  /** `msg_status` is SENDING, SEND_SUCCESS, SEND_FAIL or DELETE. 查询群发消息发送状态. POST /cgi-bin/message/mass/get */
  status(msgId: Id): Promise<{ msg_id: Id; msg_status: string }>;
  /** `realspeed` is in 10,000 a minute. 获取群发速度. POST /cgi-bin/message/mass/speed/get */
  getSpeed(): Promise<{ speed: number; realspeed: number }>;
  /** 0, the fastest (800,000 a minute), to 4, the slowest (100,000). 设置群发速度. POST /cgi-bin/message/mass/speed/set */
  setSpeed(speed: number): Promise<void>;
}

export function createMassApi(api: Api): MassApi {
  return {
    uploadVideo: (mediaId, { title, description }) =>
      post(api, '/cgi-bin/media/uploadvideo', { media_id: mediaId, title, description }),
    async uploadNews(articles) {
      checkCount(articles, 'Articles', 1, 8);
      return post(api, '/cgi-bin/media/uploadnews', { articles });
    },
    async sendAll(to, message, options = {}) {
      const filter = 'is_to_all' in to ? { is_to_all: true } : { is_to_all: false, tag_id: to.tag_id };
      const body = { filter, ...bodyOf(message), ...optionsOf(message, options) };
      return send(api, '/cgi-bin/message/mass/sendall', body);
    },
    async send(openids, message, options = {}) {
      checkCount(openids, 'Receivers', 2, 10_000);
      const body = { touser: openids, ...bodyOf(message), ...optionsOf(message, options) };
      return send(api, '/cgi-bin/message/mass/send', body);
    },
    async preview(to, message) {
      const body = { ...to, ...bodyOf(message, true) };
      return withIds(await post<{ msg_id?: Id }>(api, '/cgi-bin/message/mass/preview', body), 'msg_id');
    },
    async delete(msgId, articleIdx = 0) {
      checkWhole(articleIdx, 'articleIdx', 0, 8);
      // The page has a number here, and text elsewhere; a number that JSON cannot carry goes out as text.
      const number = Number(msgId);
      const id = Number.isSafeInteger(number) ? number : msgId;
      await post(api, '/cgi-bin/message/mass/delete', { msg_id: id, article_idx: articleIdx });
    },
    async status(msgId) {
      const answer = await post<{ msg_id: Id; msg_status: string }>(api, '/cgi-bin/message/mass/get', {
        msg_id: msgId,
      });
      return withIds(answer, 'msg_id');
    },
    getSpeed: () => post(api, '/cgi-bin/message/mass/speed/get', {}),
    async setSpeed(speed) {
      checkWhole(speed, 'speed', 0, 4);
      await post(api, '/cgi-bin/message/mass/speed/set', { speed });
    },
  };
}

const SENT_BEFORE = 45065;

async function send(api: Api, path: string, body: object): Promise<MassSent> {
  try {
    return withIds(await post<MassSent>(api, path, body), 'msg_id', 'msg_data_id');
  } catch (error) {
    if (!(error instanceof ApiError && error.errcode === SENT_BEFORE)) throw error;
    const { msg_id, msg_data_id } = error.answer as { readonly msg_id?: Id; readonly msg_data_id?: Id };
    if (msg_id === undefined) throw error;
    const ids = { msg_id, ...(msg_data_id === undefined ? {} : { msg_data_id }) };
    return { ...withIds(ids, 'msg_id', 'msg_data_id'), sentBefore: true };
  }
}

/** A picture is `images`, a list, when it is sent, and `image` in a preview; the msgtype is `image` for both. */
function bodyOf(message: MassMessage, preview = false): object {
  switch (message.type) {
    case 'text':
      return { text: { content: message.content }, msgtype: 'text' };
    case 'image':
      return preview
        ? { image: { media_id: message.mediaId }, msgtype: 'image' }
        : { images: { media_ids: [message.mediaId] }, msgtype: 'image' };
    case 'images':
      return {
        images: {
          media_ids: message.mediaIds,
          recommend: optional(message.recommend),
          need_open_comment: message.needOpenComment ? 1 : 0,
          only_fans_can_comment: message.onlyFansCanComment ? 1 : 0,
        },
        msgtype: 'image',
      };
    case 'voice':
      return { voice: { media_id: message.mediaId }, msgtype: 'voice' };
    case 'video':
      return {
        mpvideo: {
          media_id: message.mediaId,
          title: optional(message.title),
          description: optional(message.description),
        },
        msgtype: 'mpvideo',
      };
    case 'mpnews':
      return { mpnews: { media_id: message.mediaId }, msgtype: 'mpnews' };
    case 'wxcard':
      return { wxcard: { card_id: message.cardId }, msgtype: 'wxcard' };
    default:
      throw new TypeError(
        `A ${(message as MassMessage).type} message cannot be sent to many: text, image, images, voice, video, mpnews or wxcard can.`,
      );
  }
}

function optionsOf(message: MassMessage, { clientmsgid, sendIgnoreReprint }: MassOptions): object {
  if (clientmsgid !== undefined) checkBytes(clientmsgid, 'clientmsgid', 64);
  return {
    ...(message.type === 'mpnews' ? { send_ignore_reprint: sendIgnoreReprint ? 1 : 0 } : {}),
    ...(clientmsgid === undefined ? {} : { clientmsgid }),
  };
}
