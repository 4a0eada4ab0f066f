import { asks, type Row } from './row.ts';

const DAY = { ref_date: '2026-01-01' };
const DAYS = { begin_date: '2026-01-01', end_date: '2026-01-01' };
const READS = {
  int_page_read_user: 1,
  int_page_read_count: 2,
  ori_page_read_user: 0,
  ori_page_read_count: 0,
  share_user: 1,
  share_count: 1,
  add_to_fav_user: 0,
  add_to_fav_count: 0,
};
const READERS = { read_user: 4123, read_user_source: [{ user_count: 4123, scene_desc: '全部' }] };
const PUBLISHED = { ...READERS, share_user: 3, zaikan_user: 1, like_user: 3, comment_count: 3, collection_user: 2 };
const ARTICLE = { ...DAY, msgid: '2247490098_1', title: '题' };

/** One day of each; `days` is the most that WeChat takes. */
const one = (name: string, path: string, row: object): Row =>
  asks(`datacube.${name}`, (w) => w.datacube[name as 'userSummary']('2026-01-01'), `POST /datacube/${path}`, DAYS, {
    list: [row],
  });

export const statistics: readonly Row[] = [
  asks(
    'datacube.userSummary',
    (w) => w.datacube.userSummary('2026-01-01', '2026-01-07'),
    'POST /datacube/getusersummary',
    { begin_date: '2026-01-01', end_date: '2026-01-07' },
    { list: [{ ...DAY, user_source: 0, new_user: 0, cancel_user: 0 }] },
  ),
  one('userCumulate', 'getusercumulate', { ...DAY, cumulate_user: 1217056 }),
  one('articleRead', 'getarticleread', { ...ARTICLE, detail: READERS }),
  one('articleShare', 'getarticleshare', { ...ARTICLE, detail: { share_user: 366 } }),
  one('articleTotalDetail', 'getarticletotaldetail', {
    ...ARTICLE,
    publish_type: 0,
    detail_list: [{ ...PUBLISHED, stat_date: '2026-01-01' }],
  }),
  one('bizSummary', 'getbizsummary', { ...DAY, detail: PUBLISHED }),
  one('articleSummary', 'getarticlesummary', { ...ARTICLE, ...READS }),
  one('articleTotal', 'getarticletotal', {
    ...ARTICLE,
    details: [{ ...READS, stat_date: '2026-01-01', target_user: 261917 }],
  }),
  one('userRead', 'getuserread', { ...DAY, ...READS, user_source: 99999999 }),
  one('userReadHour', 'getuserreadhour', { ...DAY, ...READS, user_source: 0, ref_hour: 1500 }),
  one('userShare', 'getusershare', { ...DAY, share_scene: 1, share_count: 207, share_user: 11 }),
  one('userShareHour', 'getusersharehour', { ...DAY, ref_hour: 1200, share_scene: 1, share_count: 72, share_user: 4 }),
  one('upstreamMessage', 'getupstreammsg', { ...DAY, msg_type: 1, msg_user: 282, msg_count: 817 }),
  one('upstreamMessageHour', 'getupstreammsghour', { ...DAY, ref_hour: 0, msg_type: 1, msg_user: 9, msg_count: 10 }),
  one('upstreamMessageWeek', 'getupstreammsgweek', { ...DAY, msg_type: 1, msg_user: 16, msg_count: 27 }),
  one('upstreamMessageMonth', 'getupstreammsgmonth', { ...DAY, msg_type: 1, msg_user: 7989, msg_count: 42206 }),
  one('upstreamMessageDist', 'getupstreammsgdist', { ...DAY, count_interval: 1, msg_user: 246 }),
  one('upstreamMessageDistWeek', 'getupstreammsgdistweek', { ...DAY, count_interval: 1, msg_user: 16 }),
  one('upstreamMessageDistMonth', 'getupstreammsgdistmonth', { ...DAY, count_interval: 1, msg_user: 7989 }),
  one('interfaceSummary', 'getinterfacesummary', {
    ...DAY,
    callback_count: 36974,
    fail_count: 67,
    total_time_cost: 14994291,
    max_time_cost: 5044,
  }),
  one('interfaceSummaryHour', 'getinterfacesummaryhour', {
    ...DAY,
    ref_hour: 0,
    callback_count: 331,
    fail_count: 18,
    total_time_cost: 167870,
    max_time_cost: 5042,
  }),
];
