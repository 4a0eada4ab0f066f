import type { Api } from './api.ts';
import { checkWhole } from './checks.ts';
import { get, post } from './endpoint.ts';

type Flag = 0 | 1;

/** An article of a draft (图文消息 `news`, the default, or 图片消息 `newspic`). */
export interface DraftArticle {
  readonly article_type?: 'news' | 'newspic';
  /** At most 32 characters. */
  readonly title: string;
  /** At most 16 characters. */
  readonly author?: string;
  /** At most 128 characters, for a single article; the first 54 characters of the text where it is left out. */
  readonly digest?: string;
  /** HTML without scripts; pictures only from the API's own upload. Plain text for `newspic`. */
  readonly content: string;
  /** Where 阅读原文 leads. */
  readonly content_source_url?: string;
  /** The cover, a permanent medium. Needed for `news`. */
  readonly thumb_media_id?: string;
  readonly need_open_comment?: Flag;
  readonly only_fans_can_comment?: Flag;
  /** How the cover is cut: `X1_Y1_X2_Y2` as parts of 1. */
  readonly pic_crop_235_1?: string;
  readonly pic_crop_1_1?: string;
  /** The pictures of `newspic`, at most 20, permanent media; the first is the cover. */
  readonly image_info?: { readonly image_list: readonly { readonly image_media_id: string }[] };
  readonly cover_info?: object;
  readonly product_info?: object;
}

/** An article as it is read: `url` is where it can be looked at for a while. */
export type ReadArticle = DraftArticle & { readonly url?: string; readonly thumb_url?: string; is_deleted?: boolean };

export interface DraftList {
  readonly total_count: number;
  readonly item_count: number;
  /** `update_time`: seconds since 1970. */
  readonly item: readonly {
    readonly media_id: string;
    readonly content: { readonly news_item: readonly ReadArticle[] };
    readonly update_time: number;
  }[];
}

/** Which part of a list: `count` 1 to 20; without contents where these are not needed, for they are large. */
export interface Slice {
  /** From 0. */
  readonly offset: number;
  readonly count: number;
  readonly noContent?: boolean;
}

/** Articles that are not out yet (草稿箱). A draft is gone once it is published or sent. */
export interface DraftsApi {
  /** 新增草稿. POST /cgi-bin/draft/add */
  add(articles: readonly DraftArticle[]): Promise<{ media_id: string }>;
  /** 获取草稿详情. POST /cgi-bin/draft/get */
  get(mediaId: string): Promise<{ news_item: readonly ReadArticle[]; create_time?: number; update_time?: number }>;
  /** Cannot be undone. 删除草稿. POST /cgi-bin/draft/delete */
  delete(mediaId: string): Promise<void>;
  /** Replaces one article, counted from 0. 更新草稿. POST /cgi-bin/draft/update */
  update(mediaId: string, index: number, article: DraftArticle): Promise<void>;
  /** 获取草稿的总数. GET /cgi-bin/draft/count */
  count(): Promise<{ total_count: number }>;
  /** 获取草稿列表. POST /cgi-bin/draft/batchget */
  batchGet(slice: Slice): Promise<DraftList>;
  /**
   * Whether the account has drafts; every account has them by now, and the page calls the API abandoned. With `open`
   * switches them on, which cannot be undone. Users have reported that asking switched them on too. POST /cgi-bin/draft/switch
   */
  switch(open?: 'open'): Promise<{ is_open?: Flag }>;
}

export function createDraftsApi(api: Api): DraftsApi {
  return {
    add: (articles) => post(api, '/cgi-bin/draft/add', { articles }),
    get: (mediaId) => post(api, '/cgi-bin/draft/get', { media_id: mediaId }),
    async delete(mediaId) {
      await post(api, '/cgi-bin/draft/delete', { media_id: mediaId });
    },
    async update(mediaId, index, article) {
      await post(api, '/cgi-bin/draft/update', { media_id: mediaId, index, articles: article });
    },
    count: () => get(api, '/cgi-bin/draft/count'),
    batchGet: async (slice) => post(api, '/cgi-bin/draft/batchget', sliceBody(slice)),
    switch: (open) => post(api, '/cgi-bin/draft/switch', {}, open ? undefined : { checkonly: '1' }),
  };
}

/** The body of both lists of articles. */
export function sliceBody({ offset, count, noContent }: Slice): object {
  checkWhole(count, 'count', 1, 20);
  return { offset, count, no_content: noContent ? 1 : 0 };
}
