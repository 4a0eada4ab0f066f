import { asks, done, FRIEND, OPENID, type Row, reads } from './row.ts';

const page = { total: 2, count: 2, data: { openid: [OPENID, FRIEND] }, next_openid: FRIEND };
const user = {
  subscribe: 1,
  openid: OPENID,
  language: 'zh_CN',
  subscribe_time: 1382694957,
  remark: '',
  groupid: 0,
  tagid_list: [128, 2],
  subscribe_scene: 'ADD_SCENE_QR_CODE',
  qr_scene: 98765,
  qr_scene_str: '',
};
export const people: readonly Row[] = [
  reads('users.get', (w) => w.users.get(OPENID), `GET /cgi-bin/user/info?openid=${OPENID}&lang=zh_CN`, user),
  asks(
    'users.batchGet',
    (w) => w.users.batchGet([OPENID, FRIEND], 'en'),
    'POST /cgi-bin/user/info/batchget',
    {
      user_list: [
        { openid: OPENID, lang: 'en' },
        { openid: FRIEND, lang: 'en' },
      ],
    },
    { user_info_list: [user, { subscribe: 0, openid: FRIEND }] },
  ),
  reads('users.page', (w) => w.users.page(), 'GET /cgi-bin/user/get', page),
  reads('users.page', (w) => w.users.page(OPENID), `GET /cgi-bin/user/get?next_openid=${OPENID}`, page),
  done('users.remark', (w) => w.users.remark(OPENID, '庞哥'), 'POST /cgi-bin/user/info/updateremark', {
    openid: OPENID,
    remark: '庞哥',
  }),
  asks(
    'tags.create',
    (w) => w.tags.create('广东'),
    'POST /cgi-bin/tags/create',
    { tag: { name: '广东' } },
    { tag: { id: 134, name: '广东' } },
  ),
  reads('tags.get', (w) => w.tags.get(), 'GET /cgi-bin/tags/get', { tags: [{ id: 2, name: '星标组', count: 0 }] }),
  done('tags.update', (w) => w.tags.update(134, '广东人'), 'POST /cgi-bin/tags/update', {
    tag: { id: 134, name: '广东人' },
  }),
  done('tags.delete', (w) => w.tags.delete(134), 'POST /cgi-bin/tags/delete', { tag: { id: 134 } }),
  asks(
    'tags.usersPage',
    (w) => w.tags.usersPage(134),
    'POST /cgi-bin/user/tag/get',
    { tagid: 134, next_openid: '' },
    page,
  ),
  done('tags.tag', (w) => w.tags.tag(134, [OPENID, FRIEND]), 'POST /cgi-bin/tags/members/batchtagging', {
    openid_list: [OPENID, FRIEND],
    tagid: 134,
  }),
  done('tags.untag', (w) => w.tags.untag(134, [OPENID]), 'POST /cgi-bin/tags/members/batchuntagging', {
    openid_list: [OPENID],
    tagid: 134,
  }),
  asks(
    'tags.of',
    (w) => w.tags.of(OPENID),
    'POST /cgi-bin/tags/getidlist',
    { openid: OPENID },
    { tagid_list: [134, 2] },
  ),
  asks(
    'blacklist.page',
    (w) => w.blacklist.page(),
    'POST /cgi-bin/tags/members/getblacklist',
    { begin_openid: '' },
    page,
  ),
  done('blacklist.add', (w) => w.blacklist.add([OPENID]), 'POST /cgi-bin/tags/members/batchblacklist', {
    openid_list: [OPENID],
  }),
  done('blacklist.remove', (w) => w.blacklist.remove([OPENID]), 'POST /cgi-bin/tags/members/batchunblacklist', {
    openid_list: [OPENID],
  }),
];
