import { randomBytes } from 'node:crypto';
import type { OcrApi } from '../../../../src/index.ts';
import { asks, OK, type Row } from './row.ts';

const jpg = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), randomBytes(500)]);
const url = 'https://example.com/a b.jpg?x=1&y=2';

/** Both ways of one kind of picture. */
function both(name: keyof OcrApi, path: string, fields: object): Row[] {
  const query = `img_url=${new URLSearchParams({ u: url }).toString().slice(2)}`;
  return [
    asks(`ocr.${name}`, (w) => w.ocr[name]({ url }), `POST /cv/ocr/${path}?${query}`, {}, fields),
    {
      method: `ocr.${name}`,
      call: (w) => w.ocr[name]({ bytes: jpg, filename: 'card.jpg' }),
      request: `POST /cv/ocr/${path}`,
      upload: { field: 'img', name: 'card.jpg', type: 'image/jpeg', bytes: jpg },
      // Its own pages have the errcode as a text.
      answer: { ...OK, errcode: '0', ...fields },
      result: fields,
    },
  ];
}

export const ocr: readonly Row[] = [
  ...both('idCard', 'idcard', { type: 'Front', name: '张三', id: '123456789012345678', addr: '广东省', gender: '男' }),
  ...both('bankCard', 'bankcard', { number: '622213XXXXXXXXX' }),
  ...both('vehicleLicense', 'driving', { plate_num: '粤A00000', owner: '张三', vin: 'LS' }),
  ...both('drivingLicense', 'drivinglicense', { id_num: '660601xxxxxxxx1234', name: '张三', car_class: 'C1' }),
  ...both('businessLicense', 'bizlicense', { reg_num: '123123', enterprise_name: '某公司' }),
  ...both('printedText', 'comm', { items: [{ text: '腾讯', pos: {} }], img_size: { w: 1, h: 2 } }),
];
