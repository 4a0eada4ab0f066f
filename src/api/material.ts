import { encodeJson } from '../wechat/customer-service.ts';
import type { Api } from './api.ts';
import { checkWhole } from './checks.ts';
import { get, post, upload } from './endpoint.ts';
import type { ApiAnswer, Download } from './http.ts';
import { prepareForm, type UploadRule, type UploadSource } from './upload.ts';

/** What can be kept for good; a video also needs a title and an introduction. */
export type MaterialType = 'image' | 'voice' | 'thumb';

export interface AddedMaterial {
  readonly media_id: string;
  /** Of an image: to be shown inside WeChat alone. */
  readonly url?: string;
}

export interface MaterialCount {
  readonly voice_count: number;
  readonly video_count: number;
  readonly image_count: number;
  readonly news_count: number;
}

export interface MaterialList {
  readonly total_count: number;
  readonly item_count: number;
  readonly item: readonly MaterialItem[];
}

export interface MaterialItem {
  readonly media_id: string;
  /** The file's name; of a news there is `content` instead. */
  readonly name?: string;
  readonly update_time: number;
  readonly url?: string;
  readonly content?: ApiAnswer;
}

/** Permanent media (永久素材): 100 000 images, 1000 of each other kind. */
export interface MaterialApi {
  /**
   * Keeps a file for good (新增永久素材). `image`: png, jpg, gif, bmp, 10 MB; `voice`: mp3, wma, wav, amr, 2 MB and 60 s;
   * `thumb`: jpg, 64 KB. Throws TypeError, before anything is sent, for another format or size.
   */
  add(type: MaterialType, source: UploadSource): Promise<AddedMaterial>;
  /** Keeps a video for good: mp4, 10 MB. */
  addVideo(
    source: UploadSource,
    description: { readonly title: string; readonly introduction: string },
  ): Promise<AddedMaterial>;
  /** Uploads a picture for the body of an article (上传图文消息内的图片): jpg, png, under 1 MB. It counts against no limit. */
  uploadImage(source: UploadSource): Promise<{ readonly url: string }>;
  /** A kept file as a stream; a video as JSON `{ title, description, down_url }`; a news as JSON `{ news_item }`. */
  get(mediaId: string): Promise<Download>;
  delete(mediaId: string): Promise<void>;
  count(): Promise<MaterialCount>;
  /** The newest first; `offset` from 0, `count` from 1 to 20. */
  batchGet(page: {
    readonly type: 'image' | 'voice' | 'video' | 'news';
    readonly offset?: number;
    readonly count?: number;
  }): Promise<MaterialList>;
}

const MB = 1024 * 1024;
const MAX_PAGE = 20;
const ADD = '/cgi-bin/material/add_material';

/** Official page: 新增永久素材. */
const RULES: Readonly<Record<MaterialType | 'video' | 'article image', UploadRule>> = {
  image: { what: 'image', formats: ['png', 'jpg', 'gif', 'bmp'], maxBytes: 10 * MB },
  voice: { what: 'voice', formats: ['mp3', 'wma', 'wav', 'amr'], maxBytes: 2 * MB },
  thumb: { what: 'thumb', formats: ['jpg'], maxBytes: 64 * 1024 },
  video: { what: 'video', formats: ['mp4'], maxBytes: 10 * MB },
  'article image': { what: 'article image', formats: ['jpg', 'png'], maxBytes: MB - 1 },
};

export function createMaterialApi(api: Api): MaterialApi {
  return {
    async add(type, source) {
      return upload(api, ADD, await prepareForm(source, RULES[type]), { type });
    },
    async addVideo(source, { title, introduction }) {
      const fields = { description: encodeJson({ title, introduction }) };
      return upload(api, ADD, await prepareForm(source, RULES.video, fields), { type: 'video' });
    },
    async uploadImage(source) {
      return upload(api, '/cgi-bin/media/uploadimg', await prepareForm(source, RULES['article image']));
    },
    get: (mediaId) =>
      api.download({ method: 'POST', path: '/cgi-bin/material/get_material', json: { media_id: mediaId } }),
    async delete(mediaId) {
      await post(api, '/cgi-bin/material/del_material', { media_id: mediaId });
    },
    count: () => get(api, '/cgi-bin/material/get_materialcount'),
    async batchGet({ type, offset = 0, count = MAX_PAGE }) {
      checkWhole(count, 'count', 1, MAX_PAGE);
      return post(api, '/cgi-bin/material/batchget_material', { type, offset, count });
    },
  };
}
