import type { Api } from './api.ts';
import { upload } from './endpoint.ts';
import type { Download } from './http.ts';
import { type Form, prepareForm, type UploadRule, type UploadSource } from './upload.ts';

/** What can be uploaded for three days. */
export type MediaType = 'image' | 'voice' | 'video' | 'thumb';

/** Answer to an upload. */
export interface UploadedMedia {
  readonly type: string;
  /** Valid for 3 days, for any number of messages. */
  readonly media_id: string;
  /** Seconds since 1970. */
  readonly created_at: number;
}

/** Temporary media (临时素材). */
export interface MediaApi {
  /**
   * Uploads a file for 3 days (新增临时素材). `image`: png, jpg, gif, 10 MB; `voice`: amr, mp3, 2 MB and 60 s; `video`: mp4,
   * 10 MB; `thumb`: jpg, 64 KB. Throws TypeError, before anything is sent, for another format or size. 100 000 a day.
   */
  upload(type: MediaType, source: UploadSource): Promise<UploadedMedia>;
  /**
   * Downloads what was uploaded, or what a user sent (获取临时素材): a file as a stream; for a video `{ video_url }` as JSON.
   * 200 000 a day.
   */
  get(mediaId: string): Promise<Download>;
  /** Downloads the speex file, 16 kHz, of a voice that was recorded with the JS-SDK (高清语音素材). */
  getJssdk(mediaId: string): Promise<Download>;
}

export const UPLOAD_API = '/cgi-bin/media/upload';

const MB = 1024 * 1024;

/** Official page: 新增临时素材. */
const RULES: Readonly<Record<MediaType, UploadRule>> = {
  image: { what: 'image', formats: ['png', 'jpg', 'gif'], maxBytes: 10 * MB },
  voice: { what: 'voice', formats: ['amr', 'mp3'], maxBytes: 2 * MB },
  video: { what: 'video', formats: ['mp4'], maxBytes: 10 * MB },
  thumb: { what: 'thumb', formats: ['jpg'], maxBytes: 64 * 1024 },
};

/** A file as it would be uploaded. Throws TypeError for what WeChat would refuse. */
export const prepareMedia = (type: MediaType, source: UploadSource): Promise<Form> => prepareForm(source, RULES[type]);

export function createMediaApi(api: Api): MediaApi {
  return {
    async upload(type, source) {
      const form = await prepareMedia(type, source);
      // Some accounts still get the old name for thumbs.
      type Answer = Omit<UploadedMedia, 'media_id'> & { media_id?: string; thumb_media_id?: string };
      const answer = await upload<Answer>(api, UPLOAD_API, form, { type });
      const { thumb_media_id: thumb = '', media_id = thumb, ...rest } = answer;
      return { ...rest, media_id };
    },
    get: (mediaId) => api.download({ method: 'GET', path: '/cgi-bin/media/get', query: { media_id: mediaId } }),
    getJssdk: (mediaId) =>
      api.download({ method: 'GET', path: '/cgi-bin/media/get/jssdk', query: { media_id: mediaId } }),
  };
}
