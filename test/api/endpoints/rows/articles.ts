import { asks, done, type Row, reads } from './row.ts';

const article = {
  title: '第一篇 😀',
  author: '作者',
  content: '<p>正文</p>',
  thumb_media_id: 'THUMB',
  need_open_comment: 1 as const,
};
const news = { news_item: [{ ...article, url: 'https://mp.weixin.qq.com/s/x' }] };
const list = { total_count: 1, item_count: 1, item: [{ media_id: 'M', content: news, update_time: 1610000000 }] };
const published = {
  total_count: 1,
  item_count: 1,
  item: [{ article_id: 'A', content: news, update_time: 1610000000 }],
};
export const articles: readonly Row[] = [
  asks(
    'drafts.add',
    (w) => w.drafts.add([article]),
    'POST /cgi-bin/draft/add',
    { articles: [article] },
    { media_id: 'M' },
  ),
  asks('drafts.get', (w) => w.drafts.get('M'), 'POST /cgi-bin/draft/get', { media_id: 'M' }, news),
  done('drafts.delete', (w) => w.drafts.delete('M'), 'POST /cgi-bin/draft/delete', { media_id: 'M' }),
  done('drafts.update', (w) => w.drafts.update('M', 1, article), 'POST /cgi-bin/draft/update', {
    media_id: 'M',
    index: 1,
    articles: article,
  }),
  reads('drafts.count', (w) => w.drafts.count(), 'GET /cgi-bin/draft/count', { total_count: 7 }),
  asks(
    'drafts.batchGet',
    (w) => w.drafts.batchGet({ offset: 0, count: 20 }),
    'POST /cgi-bin/draft/batchget',
    { offset: 0, count: 20, no_content: 0 },
    list,
  ),
  asks('drafts.switch', (w) => w.drafts.switch(), 'POST /cgi-bin/draft/switch?checkonly=1', {}, { is_open: 1 }),
  asks('drafts.switch', (w) => w.drafts.switch('open'), 'POST /cgi-bin/draft/switch', {}, {}),
  asks(
    'publishing.submit',
    (w) => w.publishing.submit('M'),
    'POST /cgi-bin/freepublish/submit',
    { media_id: 'M' },
    { publish_id: 100000001, msg_data_id: 3200000001 },
    { publish_id: '100000001', msg_data_id: '3200000001' },
  ),
  asks(
    'publishing.get',
    (w) => w.publishing.get('100000001'),
    'POST /cgi-bin/freepublish/get',
    { publish_id: '100000001' },
    { publish_id: 100000001, publish_status: 2, fail_idx: [1, 2] },
    { publish_id: '100000001', publish_status: 2, fail_idx: [1, 2] },
  ),
  done('publishing.delete', (w) => w.publishing.delete('A', 1), 'POST /cgi-bin/freepublish/delete', {
    article_id: 'A',
    index: 1,
  }),
  asks(
    'publishing.getArticle',
    (w) => w.publishing.getArticle('A'),
    'POST /cgi-bin/freepublish/getarticle',
    { article_id: 'A' },
    news,
  ),
  asks(
    'publishing.batchGet',
    (w) => w.publishing.batchGet({ offset: 20, count: 1, noContent: true }),
    'POST /cgi-bin/freepublish/batchget',
    { offset: 20, count: 1, no_content: 1 },
    published,
  ),
];
