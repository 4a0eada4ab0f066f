import type { Api } from './api.ts';
import { checkLength, checkWhole } from './checks.ts';
import { post } from './endpoint.ts';

/** What a scan brings back as EventKey: a number, or a text of 1 to 64 characters. */
export type Scene = number | string;

export interface Qrcode {
  /** For `imageUrl`. */
  readonly ticket: string;
  /** Of a temporary one. */
  readonly expire_seconds?: number;
  /** What the code says, for those who draw it themselves. */
  readonly url: string;
}

/** Codes with a scene (带参数的二维码): a scan is the event SCAN, or `subscribe` with EventKey `qrscene_…`. */
export interface QrcodesApi {
  /**
   * For at most 2592000 seconds (30 days), which is the default here; WeChat's own is a minute. A numeric scene is 1 to
   * 4294967295. 生成带参数的二维码. POST /cgi-bin/qrcode/create
   */
  createTemporary(scene: Scene, seconds?: number): Promise<Qrcode>;
  /** For ever; an account has at most 100000. A numeric scene is 1 to 100000. POST /cgi-bin/qrcode/create */
  createPermanent(scene: Scene): Promise<Qrcode>;
  /** Where anybody can fetch the picture, a JPG, without a token. GET https://mp.weixin.qq.com/cgi-bin/showqrcode */
  imageUrl(ticket: string): string;
}

const MONTH = 2_592_000;

export function createQrcodesApi(api: Api): QrcodesApi {
  return {
    async createTemporary(scene, seconds = MONTH) {
      checkWhole(seconds, 'seconds', 1, MONTH);
      const kind = typeof scene === 'number' ? 'QR_SCENE' : 'QR_STR_SCENE';
      const body = { expire_seconds: seconds, action_name: kind, action_info: sceneInfo(scene, 0xffff_ffff) };
      return post(api, '/cgi-bin/qrcode/create', body);
    },
    async createPermanent(scene) {
      const kind = typeof scene === 'number' ? 'QR_LIMIT_SCENE' : 'QR_LIMIT_STR_SCENE';
      return post(api, '/cgi-bin/qrcode/create', { action_name: kind, action_info: sceneInfo(scene, 100_000) });
    },
    imageUrl: (ticket) => `https://mp.weixin.qq.com/cgi-bin/showqrcode?ticket=${encodeURIComponent(ticket)}`,
  };
}

function sceneInfo(scene: Scene, most: number): object {
  if (typeof scene === 'number') checkWhole(scene, 'A numeric scene', 1, most);
  else checkLength(scene, 'A scene', 64);
  return { scene: typeof scene === 'number' ? { scene_id: scene } : { scene_str: scene } };
}
