import { card, image, materialNews, text, video, voice } from '../../../../src/wechat/message.ts';
import { asks, done, FRIEND, OPENID, type Row } from './row.ts';

const sent = { msg_id: 34182, msg_data_id: 206227730 };
const sentIds = { msg_id: '34182', msg_data_id: '206227730' };
const toAll = { is_to_all: true } as const;
const all = { filter: { is_to_all: true } };
const SENDALL = 'POST /cgi-bin/message/mass/sendall';
export const mass: readonly Row[] = [
  asks(
    'mass.uploadVideo',
    (w) => w.mass.uploadVideo('V', { title: '标题', description: '介绍' }),
    'POST /cgi-bin/media/uploadvideo',
    { media_id: 'V', title: '标题', description: '介绍' },
    { type: 'video', media_id: 'MASS', created_at: 1398848981 },
  ),
  asks(
    'mass.uploadNews',
    (w) => w.mass.uploadNews([{ title: '标题', content: '<p>正文</p>', thumb_media_id: 'T', show_cover_pic: 1 }]),
    'POST /cgi-bin/media/uploadnews',
    { articles: [{ title: '标题', content: '<p>正文</p>', thumb_media_id: 'T', show_cover_pic: 1 }] },
    { type: 'news', media_id: 'NEWS', created_at: 1391857799 },
  ),
  asks(
    'mass.sendAll',
    (w) => w.mass.sendAll(toAll, text('大家好')),
    SENDALL,
    { ...all, text: { content: '大家好' }, msgtype: 'text' },
    sent,
    sentIds,
  ),
  asks(
    'mass.sendAll',
    (w) => w.mass.sendAll({ tag_id: 2 }, materialNews({ mediaId: 'M' }), { clientmsgid: 'send_tag_2' }),
    SENDALL,
    {
      filter: { is_to_all: false, tag_id: 2 },
      mpnews: { media_id: 'M' },
      msgtype: 'mpnews',
      send_ignore_reprint: 0,
      clientmsgid: 'send_tag_2',
    },
    sent,
    sentIds,
  ),
  asks(
    'mass.sendAll',
    (w) => w.mass.sendAll(toAll, image({ mediaId: 'M' })),
    SENDALL,
    { ...all, images: { media_ids: ['M'] }, msgtype: 'image' },
    sent,
    sentIds,
  ),
  asks(
    'mass.sendAll',
    (w) => w.mass.sendAll(toAll, video({ mediaId: 'M', title: '', description: '' })),
    SENDALL,
    { ...all, mpvideo: { media_id: 'M' }, msgtype: 'mpvideo' },
    sent,
    sentIds,
  ),
  asks(
    'mass.sendAll',
    (w) => w.mass.sendAll(toAll, { type: 'images', mediaIds: ['M'], recommend: '' }),
    SENDALL,
    { ...all, images: { media_ids: ['M'], need_open_comment: 0, only_fans_can_comment: 0 }, msgtype: 'image' },
    sent,
    sentIds,
  ),
  asks(
    'mass.sendAll',
    (w) => w.mass.sendAll(toAll, { type: 'images', mediaIds: ['M', 'N'], recommend: '看', needOpenComment: true }),
    SENDALL,
    {
      ...all,
      images: { media_ids: ['M', 'N'], recommend: '看', need_open_comment: 1, only_fans_can_comment: 0 },
      msgtype: 'image',
    },
    sent,
    sentIds,
  ),
  asks(
    'mass.sendAll',
    (w) => w.mass.sendAll(toAll, voice({ mediaId: 'M' })),
    SENDALL,
    { ...all, voice: { media_id: 'M' }, msgtype: 'voice' },
    sent,
    sentIds,
  ),
  asks(
    'mass.sendAll',
    (w) => w.mass.sendAll(toAll, video({ mediaId: 'M', title: 'T' })),
    SENDALL,
    { ...all, mpvideo: { media_id: 'M', title: 'T' }, msgtype: 'mpvideo' },
    sent,
    sentIds,
  ),
  asks(
    'mass.sendAll',
    (w) => w.mass.sendAll(toAll, card({ cardId: 'C' })),
    SENDALL,
    { ...all, wxcard: { card_id: 'C' }, msgtype: 'wxcard' },
    sent,
    sentIds,
  ),
  asks(
    'mass.send',
    (w) => w.mass.send([OPENID, FRIEND], materialNews({ mediaId: 'M' }), { sendIgnoreReprint: true }),
    'POST /cgi-bin/message/mass/send',
    { touser: [OPENID, FRIEND], mpnews: { media_id: 'M' }, msgtype: 'mpnews', send_ignore_reprint: 1 },
    sent,
    sentIds,
  ),
  asks(
    'mass.preview',
    (w) => w.mass.preview({ touser: OPENID }, text('看看')),
    'POST /cgi-bin/message/mass/preview',
    { touser: OPENID, text: { content: '看看' }, msgtype: 'text' },
    { msg_id: 34182 },
    { msg_id: '34182' },
  ),
  asks(
    'mass.preview',
    (w) => w.mass.preview({ towxname: 'wechat_id' }, image({ mediaId: 'M' })),
    'POST /cgi-bin/message/mass/preview',
    { towxname: 'wechat_id', image: { media_id: 'M' }, msgtype: 'image' },
    {},
  ),
  done('mass.delete', (w) => w.mass.delete('30124', 2), 'POST /cgi-bin/message/mass/delete', {
    msg_id: 30124,
    article_idx: 2,
  }),
  done('mass.delete', (w) => w.mass.delete('9007199254740993'), 'POST /cgi-bin/message/mass/delete', {
    msg_id: '9007199254740993',
    article_idx: 0,
  }),
  asks(
    'mass.status',
    (w) => w.mass.status('201053012'),
    'POST /cgi-bin/message/mass/get',
    { msg_id: '201053012' },
    { msg_id: 201053012, msg_status: 'SEND_SUCCESS' },
    { msg_id: '201053012', msg_status: 'SEND_SUCCESS' },
  ),
  asks(
    'mass.getSpeed',
    (w) => w.mass.getSpeed(),
    'POST /cgi-bin/message/mass/speed/get',
    {},
    { speed: 3, realspeed: 15 },
  ),
  done('mass.setSpeed', (w) => w.mass.setSpeed(4), 'POST /cgi-bin/message/mass/speed/set', { speed: 4 }),
];
