import type { Api } from './api.ts';
import { post, upload } from './endpoint.ts';
import { prepareForm, type UploadRule, type UploadSource } from './upload.ts';

/** A picture of under 2 MB: a file, bytes, a stream; or an address from which WeChat fetches it. */
export type Picture = UploadSource | { readonly url: string };

/** Of the front: name, id, addr, gender, nationality; of the back: valid_date. */
export interface IdCard {
  readonly type: 'Front' | 'Back';
  readonly name?: string;
  readonly id?: string;
  readonly addr?: string;
  readonly gender?: string;
  readonly nationality?: string;
  readonly valid_date?: string;
}

/** Where something was found; what else an answer has is of the official page. */
interface Located {
  readonly card_position?: unknown;
  readonly cert_position?: unknown;
  readonly img_size?: { readonly w: number; readonly h: number };
  readonly [field: string]: unknown;
}

/**
 * Reads texts from pictures (OCR 识别). 100 a day are free of charge, for verified accounts; 101002: they are used up. 101000: the
 * address cannot be fetched; 101001: nothing of the kind is seen.
 */
export interface OcrApi {
  /** 身份证. POST /cv/ocr/idcard */
  idCard(picture: Picture): Promise<IdCard>;
  /** 银行卡. POST /cv/ocr/bankcard */
  bankCard(picture: Picture): Promise<{ number: string }>;
  /** 行驶证. POST /cv/ocr/driving */
  vehicleLicense(picture: Picture): Promise<Located & { plate_num?: string; owner?: string; vin?: string }>;
  /** 驾驶证. POST /cv/ocr/drivinglicense */
  drivingLicense(picture: Picture): Promise<Located & { id_num?: string; name?: string; car_class?: string }>;
  /** 营业执照. POST /cv/ocr/bizlicense */
  businessLicense(picture: Picture): Promise<Located & { reg_num?: string; enterprise_name?: string }>;
  /** 通用印刷体. POST /cv/ocr/comm */
  printedText(picture: Picture): Promise<Located & { items: readonly { text: string; pos: unknown }[] }>;
}

const RULE: UploadRule = { what: 'picture', formats: ['jpg', 'png'], maxBytes: 2 * 1024 * 1024 };

export function createOcrApi(api: Api): OcrApi {
  const reading =
    <Answer>(kind: string) =>
    async (picture: Picture): Promise<Answer> => {
      const path = `/cv/ocr/${kind}`;
      if ('url' in picture) return post(api, path, {}, { img_url: picture.url });
      return upload(api, path, { ...(await prepareForm(picture, RULE)), field: 'img' });
    };
  return {
    idCard: reading('idcard'),
    bankCard: reading('bankcard'),
    vehicleLicense: reading('driving'),
    drivingLicense: reading('drivinglicense'),
    businessLicense: reading('bizlicense'),
    printedText: reading('comm'),
  };
}
