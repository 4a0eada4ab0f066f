import { asks, done, type Row, reads } from './row.ts';

const action = { name: '今日歌曲', type: 'click' as const, key: 'V1001_TODAY_MUSIC' };
const button = [
  action,
  { name: '菜单', sub_button: [{ name: '搜索', type: 'view' as const, url: 'https://www.soso.com/' }] },
];
export const menu: readonly Row[] = [
  done('menu.create', (w) => w.menu.create({ button }), 'POST /cgi-bin/menu/create', { button }),
  reads('menu.get', (w) => w.menu.get(), 'GET /cgi-bin/menu/get', {
    menu: { button: [{ ...action, sub_button: [] }], menuid: 208396938 },
  }),
  { ...done('menu.delete', (w) => w.menu.delete(), 'GET /cgi-bin/menu/delete'), changes: true },
  reads('menu.getCurrentSelfMenu', (w) => w.menu.getCurrentSelfMenu(), 'GET /cgi-bin/get_current_selfmenu_info', {
    is_menu_open: 1,
    selfmenu_info: {
      button: [action, { name: '菜单', sub_button: { list: [{ type: 'text', name: '问', value: '答' }] } }],
    },
  }),
  reads('autoReplies.get', (w) => w.autoReplies.get(), 'GET /cgi-bin/get_current_autoreply_info', {
    is_add_friend_reply_open: 1,
    is_autoreply_open: 1,
    add_friend_autoreply_info: { type: 'text', content: '谢谢关注' },
    keyword_autoreply_info: {
      list: [
        {
          rule_name: 'news',
          create_time: 1423028166,
          reply_mode: 'random_one',
          keyword_list_info: [{ type: 'text', match_mode: 'contain', content: '新闻' }],
          reply_list_info: [{ type: 'img', content: 'MEDIA' }],
        },
      ],
    },
  }),
  asks(
    'menu.addConditional',
    (w) => w.menu.addConditional({ button, matchrule: { tag_id: '2', client_platform_type: '1' } }),
    'POST /cgi-bin/menu/addconditional',
    { button, matchrule: { tag_id: '2', client_platform_type: '1' } },
    { menuid: '208379533' },
  ),
  done('menu.deleteConditional', (w) => w.menu.deleteConditional('208379533'), 'POST /cgi-bin/menu/delconditional', {
    menuid: '208379533',
  }),
  asks(
    'menu.tryMatch',
    (w) => w.menu.tryMatch('weixin'),
    'POST /cgi-bin/menu/trymatch',
    { user_id: 'weixin' },
    { button: [action] },
  ),
];
