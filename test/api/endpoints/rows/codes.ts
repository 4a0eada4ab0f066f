import { asks, type Row } from './row.ts';

const code = { ticket: 'gQH47joAAAAAAAAAASxodHRwOi8v', url: 'http://weixin.qq.com/q/kZgfwMTm72WWPkovabbI' };
const QRCODE = 'POST /cgi-bin/qrcode/create';
export const codes: readonly Row[] = [
  asks(
    'qrcodes.createTemporary',
    (w) => w.qrcodes.createTemporary(123, 604800),
    QRCODE,
    { expire_seconds: 604800, action_name: 'QR_SCENE', action_info: { scene: { scene_id: 123 } } },
    { ...code, expire_seconds: 604800 },
  ),
  asks(
    'qrcodes.createTemporary',
    (w) => w.qrcodes.createTemporary('海报'),
    QRCODE,
    { expire_seconds: 2592000, action_name: 'QR_STR_SCENE', action_info: { scene: { scene_str: '海报' } } },
    { ...code, expire_seconds: 2592000 },
  ),
  asks(
    'qrcodes.createPermanent',
    (w) => w.qrcodes.createPermanent(123),
    QRCODE,
    { action_name: 'QR_LIMIT_SCENE', action_info: { scene: { scene_id: 123 } } },
    code,
  ),
  asks(
    'qrcodes.createPermanent',
    (w) => w.qrcodes.createPermanent('test'),
    QRCODE,
    { action_name: 'QR_LIMIT_STR_SCENE', action_info: { scene: { scene_str: 'test' } } },
    code,
  ),
  asks(
    'shortKeys.create',
    (w) => w.shortKeys.create('loooooong data', 86400),
    'POST /cgi-bin/shorten/gen',
    { long_data: 'loooooong data', expire_seconds: 86400 },
    { short_key: 'iTqRJFSEqk9RvPk' },
  ),
  asks(
    'shortKeys.fetch',
    (w) => w.shortKeys.fetch('iTqRJFSEqk9RvPk'),
    'POST /cgi-bin/shorten/fetch',
    { short_key: 'iTqRJFSEqk9RvPk' },
    { long_data: 'loooooong data', create_time: 1611047541, expire_seconds: 86300 },
  ),
];
