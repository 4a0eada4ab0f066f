import type { Api } from './api.ts';
import { checkWhole } from './checks.ts';
import { type ReadArticle, type Slice, sliceBody } from './drafts.ts';
import { type Id, post, withIds } from './endpoint.ts';

export interface PublishState {
  readonly publish_id: Id;
  /** 0 done, 1 under way, 2 refused as not original, 3 failed, 4 refused by the platform, 5 deleted, 6 banned. */
  readonly publish_status: number;
  /** Where it is done. */
  readonly article_id?: string;
  readonly article_detail?: {
    readonly count: number;
    readonly item: readonly { readonly idx: number; readonly article_url: string }[];
  };
  /** Where it was refused: which articles, counted from 1. */
  readonly fail_idx?: readonly number[];
}

export interface PublishedList {
  readonly total_count: number;
  readonly item_count: number;
  readonly item: readonly {
    readonly article_id: string;
    readonly content: { readonly news_item: readonly ReadArticle[] };
    readonly update_time: number;
  }[];
}

/**
 * Articles on the account's page (发布能力), which nobody is notified of. Personal and unverified accounts, and those that
 * cannot be verified, may not call it since July 2025 (48001).
 */
export interface PublishingApi {
  /**
   * Begins to publish a draft; the outcome is the event PUBLISHJOBFINISH, which may come late. 53503 to 53505: the draft is
   * not fit yet. 发布草稿. POST /cgi-bin/freepublish/submit
   */
  submit(mediaId: string): Promise<{ publish_id: Id; msg_data_id?: Id }>;
  /** 发布状态查询. POST /cgi-bin/freepublish/get */
  get(publishId: Id): Promise<PublishState>;
  /** Cannot be undone. `index` counts from 1; 0, the default, is all. 删除发布文章. POST /cgi-bin/freepublish/delete */
  delete(articleId: string, index?: number): Promise<void>;
  /** 获取已发布图文信息. POST /cgi-bin/freepublish/getarticle */
  getArticle(articleId: string): Promise<{ news_item: readonly ReadArticle[] }>;
  /** 获取已发布的消息列表. POST /cgi-bin/freepublish/batchget */
  batchGet(slice: Slice): Promise<PublishedList>;
}

export function createPublishingApi(api: Api): PublishingApi {
  return {
    async submit(mediaId) {
      const path = '/cgi-bin/freepublish/submit';
      const answer = await post<{ publish_id: Id; msg_data_id?: Id }>(api, path, { media_id: mediaId });
      return withIds(answer, 'publish_id', 'msg_data_id');
    },
    async get(publishId) {
      const answer = await post<PublishState>(api, '/cgi-bin/freepublish/get', { publish_id: publishId });
      return withIds(answer, 'publish_id');
    },
    async delete(articleId, index = 0) {
      checkWhole(index, 'index', 0, 8);
      await post(api, '/cgi-bin/freepublish/delete', { article_id: articleId, index });
    },
    getArticle: (articleId) => post(api, '/cgi-bin/freepublish/getarticle', { article_id: articleId }),
    batchGet: async (slice) => post(api, '/cgi-bin/freepublish/batchget', sliceBody(slice)),
  };
}
