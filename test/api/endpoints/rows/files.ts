import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Download } from '../../../../src/index.ts';
import { asks, done, type Row, reads } from './row.ts';

const bytesOf = (beginning: string) => Buffer.concat([Buffer.from(beginning, 'hex'), randomBytes(5000)]);
const png = bytesOf('89504e470d0a1a0a');
const mp4 = bytesOf('0000001866747970');
const jpg = bytesOf('ffd8ffe0');

/** A download as plain data. */
async function whole(download: Promise<Download>) {
  const seen = await download;
  if (seen.kind === 'json') return seen;
  const { stream, ...rest } = seen;
  return { ...rest, bytes: await buffer(stream) };
}
const file = { kind: 'file', contentType: 'image/jpeg', filename: 'MEDIA.jpg', bytes: jpg };

const brings = (method: string, call: (w: Parameters<Row['call']>[0]) => Promise<Download>, request: string): Row => ({
  method,
  call: (w) => whole(call(w)),
  request,
  answer: jpg,
  result: file,
});

export const files: readonly Row[] = [
  brings(
    'download',
    (w) => w.download({ method: 'GET', path: '/cgi-bin/any', query: { a: 'b' } }),
    'GET /cgi-bin/any?a=b',
  ),
  {
    method: 'media.upload',
    call: (w) => w.media.upload('image', { bytes: png, filename: '图.png' }),
    request: 'POST /cgi-bin/media/upload?type=image',
    upload: { name: '图.png', type: 'image/png', bytes: png },
    answer: { type: 'image', media_id: 'MEDIA', created_at: 1767225600 },
    result: { type: 'image', media_id: 'MEDIA', created_at: 1767225600 },
  },
  brings('media.get', (w) => w.media.get('MEDIA'), 'GET /cgi-bin/media/get?media_id=MEDIA'),
  {
    method: 'media.get',
    call: (w) => whole(w.media.get('VIDEO')),
    request: 'GET /cgi-bin/media/get?media_id=VIDEO',
    answer: { video_url: 'http://example.com/v.mp4' },
    result: { kind: 'json', json: { video_url: 'http://example.com/v.mp4' } },
  },
  brings('media.getJssdk', (w) => w.media.getJssdk('MEDIA'), 'GET /cgi-bin/media/get/jssdk?media_id=MEDIA'),
  {
    method: 'material.add',
    call: (w) => w.material.add('thumb', { bytes: jpg }),
    request: 'POST /cgi-bin/material/add_material?type=thumb',
    upload: { name: 'thumb.jpg', type: 'image/jpeg', bytes: jpg },
    answer: { media_id: 'MEDIA' },
    result: { media_id: 'MEDIA' },
  },
  {
    method: 'material.addVideo',
    call: (w) => w.material.addVideo({ bytes: mp4 }, { title: '标题', introduction: '介绍' }),
    request: 'POST /cgi-bin/material/add_material?type=video',
    upload: {
      name: 'video.mp4',
      type: 'video/mp4',
      bytes: mp4,
      fields: { description: '{"title":"标题","introduction":"介绍"}' },
    },
    answer: { media_id: 'MEDIA' },
    result: { media_id: 'MEDIA' },
  },
  {
    method: 'material.uploadImage',
    call: (w) => w.material.uploadImage({ bytes: png }),
    request: 'POST /cgi-bin/media/uploadimg',
    upload: { name: 'article image.png', type: 'image/png', bytes: png },
    answer: { url: 'http://mmbiz.qpic.cn/x' },
    result: { url: 'http://mmbiz.qpic.cn/x' },
  },
  {
    ...brings('material.get', (w) => w.material.get('MEDIA'), 'POST /cgi-bin/material/get_material'),
    body: { media_id: 'MEDIA' },
  },
  {
    method: 'material.get',
    call: (w) => whole(w.material.get('NEWS')),
    request: 'POST /cgi-bin/material/get_material',
    body: { media_id: 'NEWS' },
    answer: { news_item: [{ title: '标题' }] },
    result: { kind: 'json', json: { news_item: [{ title: '标题' }] } },
  },
  done('material.delete', (w) => w.material.delete('MEDIA'), 'POST /cgi-bin/material/del_material', {
    media_id: 'MEDIA',
  }),
  reads('material.count', (w) => w.material.count(), 'GET /cgi-bin/material/get_materialcount', {
    voice_count: 1,
    video_count: 2,
    image_count: 3,
    news_count: 4,
  }),
  asks(
    'material.batchGet',
    (w) => w.material.batchGet({ type: 'image', offset: 20, count: 1 }),
    'POST /cgi-bin/material/batchget_material',
    { type: 'image', offset: 20, count: 1 },
    {
      total_count: 21,
      item_count: 1,
      item: [{ media_id: 'MEDIA', name: 'a.png', update_time: 1767225600, url: 'http://x' }],
    },
  ),
];
