import type { StandaloneWeChat } from '../../../src/index.ts';
import { card, image, materialNews, text, video, voice } from '../../../src/wechat/message.ts';

/** One call of one method: what must go out, what comes back, and what the caller gets. */
export interface Row {
  /** Such as `menu.create`. */
  readonly method: string;
  readonly call: (wechat: StandaloneWeChat) => Promise<unknown>;
  /** As on the official page: method and path, and the query without the access_token. */
  readonly request: string;
  readonly body?: unknown;
  readonly answer: object;
  readonly result: unknown;
  /** Goes out without an access_token. */
  readonly tokenless?: true;
}

export const APP_ID = 'wx0123456789abcdef';
export const SECRET = 'test-app-secret-0123456789';

const OK = { errcode: 0, errmsg: 'ok' };
const OPENID = 'oTest0penid_AAAAAAAAAAAAAAA1';
const FRIEND = 'oTest0penid_AAAAAAAAAAAAAAA2';
const KF = 'test1@gh_0f1e2d3c';

/** A call that is answered with nothing but success. */
const done = (method: string, call: Row['call'], request: string, body?: unknown): Row => ({
  method,
  call,
  request,
  ...(body === undefined ? {} : { body }),
  answer: OK,
  result: undefined,
});
/** A GET whose answer is handed on as it is; many have no errcode at all. */
const reads = (method: string, call: Row['call'], request: string, answer: object): Row => ({
  method,
  call,
  request,
  answer,
  result: answer,
});
/** A POST whose answer is handed on without its errcode. */
const asks = (
  method: string,
  call: Row['call'],
  request: string,
  body: unknown,
  fields: object,
  result = fields,
): Row => ({
  method,
  call,
  request,
  body,
  answer: { ...OK, ...fields },
  result,
});

const article = {
  title: '第一篇 😀',
  author: '作者',
  content: '<p>正文</p>',
  thumb_media_id: 'THUMB',
  need_open_comment: 1 as const,
};
const news = { news_item: [{ ...article, url: 'https://mp.weixin.qq.com/s/x' }] };
const templateData = { thing1: { value: '天气预报' }, time2: { value: '8:00', color: '#173177' } };
const page = { total: 2, count: 2, data: { openid: [OPENID, FRIEND] }, next_openid: FRIEND };
const action = { name: '今日歌曲', type: 'click' as const, key: 'V1001_TODAY_MUSIC' };
const button = [
  action,
  { name: '菜单', sub_button: [{ name: '搜索', type: 'view' as const, url: 'https://www.soso.com/' }] },
];

const core: Row[] = [
  asks(
    'call',
    (w) => w.call({ method: 'POST', path: '/cgi-bin/any', json: { a: '你' } }),
    'POST /cgi-bin/any',
    { a: '你' },
    { b: 1 },
    { ...OK, b: 1 },
  ),
  done(
    'sendCustomerServiceMessage',
    (w) => w.sendCustomerServiceMessage(OPENID, text('你好')),
    'POST /cgi-bin/message/custom/send',
    { touser: OPENID, msgtype: 'text', text: { content: '你好' } },
  ),
];

const customerService: Row[] = [
  done('customerService.typing', (w) => w.customerService.typing(OPENID), 'POST /cgi-bin/message/custom/typing', {
    touser: OPENID,
    command: 'Typing',
  }),
  done(
    'customerService.typing',
    (w) => w.customerService.typing(OPENID, false),
    'POST /cgi-bin/message/custom/typing',
    { touser: OPENID, command: 'CancelTyping' },
  ),
  done(
    'customerService.addAccount',
    (w) => w.customerService.addAccount({ kf_account: KF, nickname: '客服1' }),
    'POST /customservice/kfaccount/add',
    { kf_account: KF, nickname: '客服1' },
  ),
  done(
    'customerService.updateAccount',
    (w) => w.customerService.updateAccount({ kf_account: KF, nickname: '客服2' }),
    'POST /customservice/kfaccount/update',
    { kf_account: KF, nickname: '客服2' },
  ),
  done(
    'customerService.deleteAccount',
    (w) => w.customerService.deleteAccount(KF),
    'POST /customservice/kfaccount/del',
    { kf_account: KF },
  ),
  done(
    'customerService.inviteWorker',
    (w) => w.customerService.inviteWorker(KF, 'test_kfwx'),
    'POST /customservice/kfaccount/inviteworker',
    { kf_account: KF, invite_wx: 'test_kfwx' },
  ),
  reads(
    'customerService.listAccounts',
    (w) => w.customerService.listAccounts(),
    'GET /cgi-bin/customservice/getkflist',
    {
      kf_list: [
        { kf_account: KF, kf_headimgurl: 'http://mmbiz.qpic.cn/x', kf_id: '1001', kf_nick: '客服', kf_wx: 'kfwx1' },
      ],
    },
  ),
  reads(
    'customerService.listOnline',
    (w) => w.customerService.listOnline(),
    'GET /cgi-bin/customservice/getonlinekflist',
    { kf_online_list: [{ kf_account: KF, status: 1, kf_id: '1001', accepted_case: 1 }] },
  ),
  done(
    'customerService.createSession',
    (w) => w.customerService.createSession(KF, OPENID),
    'POST /customservice/kfsession/create',
    { kf_account: KF, openid: OPENID },
  ),
  done(
    'customerService.closeSession',
    (w) => w.customerService.closeSession(KF, OPENID),
    'POST /customservice/kfsession/close',
    { kf_account: KF, openid: OPENID },
  ),
  reads(
    'customerService.getSession',
    (w) => w.customerService.getSession(OPENID),
    `GET /customservice/kfsession/getsession?openid=${OPENID}`,
    { createtime: 123456789, kf_account: KF },
  ),
  reads(
    'customerService.listSessions',
    (w) => w.customerService.listSessions(KF),
    `GET /customservice/kfsession/getsessionlist?kf_account=${encodeURIComponent(KF)}`,
    { sessionlist: [{ createtime: 123456789, openid: OPENID }] },
  ),
  reads(
    'customerService.listWaiting',
    (w) => w.customerService.listWaiting(),
    'GET /customservice/kfsession/getwaitcase',
    { count: 150, waitcaselist: [{ latest_time: 123456789, openid: OPENID }] },
  ),
  asks(
    'customerService.messageRecords',
    (w) => w.customerService.messageRecords({ starttime: 1464710400, endtime: 1464796800 }),
    'POST /customservice/msgrecord/getmsglist',
    { starttime: 1464710400, endtime: 1464796800, msgid: 1, number: 10000 },
    {
      recordlist: [{ openid: OPENID, opercode: 2002, text: ' 您好', time: 1464710500, worker: KF }],
      number: 1,
      msgid: 20165267,
    },
  ),
];

const menu: Row[] = [
  done('menu.create', (w) => w.menu.create({ button }), 'POST /cgi-bin/menu/create', { button }),
  reads('menu.get', (w) => w.menu.get(), 'GET /cgi-bin/menu/get', {
    menu: { button: [{ ...action, sub_button: [] }], menuid: 208396938 },
  }),
  done('menu.delete', (w) => w.menu.delete(), 'GET /cgi-bin/menu/delete'),
  reads('menu.getCurrentSelfMenu', (w) => w.menu.getCurrentSelfMenu(), 'GET /cgi-bin/get_current_selfmenu_info', {
    is_menu_open: 1,
    selfmenu_info: { button: [action] },
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

const sent = { msg_id: 34182, msg_data_id: 206227730 };
const sentIds = { msg_id: '34182', msg_data_id: '206227730' };
const toAll = { is_to_all: true } as const;
const all = { filter: { is_to_all: true } };
const SENDALL = 'POST /cgi-bin/message/mass/sendall';
const mass: Row[] = [
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

const list = { total_count: 1, item_count: 1, item: [{ media_id: 'M', content: news, update_time: 1610000000 }] };
const published = {
  total_count: 1,
  item_count: 1,
  item: [{ article_id: 'A', content: news, update_time: 1610000000 }],
};
const articles: Row[] = [
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

const message = {
  touser: OPENID,
  template_id: 'T',
  url: 'https://example.com/',
  miniprogram: { appid: 'wx1', pagepath: 'index?a=1' },
  data: templateData,
};
const once = {
  touser: OPENID,
  template_id: 'T',
  scene: '1000',
  title: '天气',
  data: { content: { value: '晴', color: '#000000' } },
};
const notice = { touser: OPENID, template_id: 'T', page: 'https://example.com/', data: { thing1: { value: '晴' } } };
const library = { tid: '401', kidList: [1, 2], sceneDesc: '测试数据' };
const templates: Row[] = [
  asks(
    'templates.send',
    (w) => w.templates.send(message),
    'POST /cgi-bin/message/template/send',
    message,
    { msgid: 200228332 },
    { msgid: '200228332' },
  ),
  done(
    'templates.setIndustry',
    (w) => w.templates.setIndustry({ industry_id1: '1', industry_id2: '4' }),
    'POST /cgi-bin/template/api_set_industry',
    { industry_id1: '1', industry_id2: '4' },
  ),
  reads('templates.getIndustry', (w) => w.templates.getIndustry(), 'GET /cgi-bin/template/get_industry', {
    primary_industry: { first_class: '运输与仓储', second_class: '快递' },
    secondary_industry: { first_class: 'IT科技', second_class: '互联网|电子商务' },
  }),
  asks(
    'templates.add',
    (w) => w.templates.add('47123', ['时间', '地点']),
    'POST /cgi-bin/template/api_add_template',
    { template_id_short: '47123', keyword_name_list: ['时间', '地点'] },
    { template_id: 'Doclyl5uP7Aciu-qZ7mJNPtWkbkYnWBWVja26EGbNyk' },
  ),
  reads('templates.list', (w) => w.templates.list(), 'GET /cgi-bin/template/get_all_private_template', {
    template_list: [
      {
        template_id: 'T',
        title: '领取奖金提醒',
        primary_industry: 'IT科技',
        deputy_industry: '互联网|电子商务',
        content: '{{result.DATA}}',
        example: '您已提交领奖申请',
      },
    ],
  }),
  done('templates.delete', (w) => w.templates.delete('T'), 'POST /cgi-bin/template/del_private_template', {
    template_id: 'T',
  }),
  done(
    'subscriptions.sendOneTime',
    (w) => w.subscriptions.sendOneTime(once),
    'POST /cgi-bin/message/template/subscribe',
    once,
  ),
  done('subscriptions.send', (w) => w.subscriptions.send(notice), 'POST /cgi-bin/message/subscribe/bizsend', notice),
  asks(
    'subscriptions.addTemplate',
    (w) => w.subscriptions.addTemplate(library),
    'POST /wxaapi/newtmpl/addtemplate',
    library,
    { priTmplId: '9Aw5ZV1j9xdWTFEkqCpZ7jWySL7aGN6rQom4gXINfJs' },
  ),
  done('subscriptions.deleteTemplate', (w) => w.subscriptions.deleteTemplate('T'), 'POST /wxaapi/newtmpl/deltemplate', {
    priTmplId: 'T',
  }),
  reads('subscriptions.getCategory', (w) => w.subscriptions.getCategory(), 'GET /wxaapi/newtmpl/getcategory', {
    data: [{ id: 616, name: '公交' }],
  }),
  reads(
    'subscriptions.getTemplateKeywords',
    (w) => w.subscriptions.getTemplateKeywords('99'),
    'GET /wxaapi/newtmpl/getpubtemplatekeywords?tid=99',
    { count: 1, data: [{ kid: 1, name: '物品名称', example: '名称', rule: 'thing' }] },
  ),
  reads(
    'subscriptions.getTemplateTitles',
    (w) => w.subscriptions.getTemplateTitles([2, 616], 0, 30),
    'GET /wxaapi/newtmpl/getpubtemplatetitles?ids=2%2C616&start=0&limit=30',
    { count: 1, data: [{ tid: 99, title: '付款成功通知', type: 2, categoryId: '616' }] },
  ),
  reads('subscriptions.listTemplates', (w) => w.subscriptions.listTemplates(), 'GET /wxaapi/newtmpl/gettemplate', {
    data: [
      {
        priTmplId: 'T',
        title: '报名结果通知',
        content: '会议名称:{{date2.DATA}}',
        example: '会议名称:2016年8月8日',
        type: 2,
      },
    ],
  }),
];

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
const people: Row[] = [
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

const code = { ticket: 'gQH47joAAAAAAAAAASxodHRwOi8v', url: 'http://weixin.qq.com/q/kZgfwMTm72WWPkovabbI' };
const QRCODE = 'POST /cgi-bin/qrcode/create';
const codes: Row[] = [
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

const SEND = '/cgi-bin/message/custom/send';
const operations: Row[] = [
  {
    method: 'jsSdk.ticket',
    call: (w) => w.jsSdk.ticket(),
    request: 'GET /cgi-bin/ticket/getticket?type=jsapi',
    answer: { ...OK, ticket: 'bxLdikRXVbTPdHSM05e5u5sUoXNKd8', expires_in: 7200 },
    result: 'bxLdikRXVbTPdHSM05e5u5sUoXNKd8',
  },
  asks(
    'quota.get',
    (w) => w.quota.get(SEND),
    'POST /cgi-bin/openapi/quota/get',
    { cgi_path: SEND },
    { quota: { daily_limit: 500000, used: 3, remain: 499997 }, rate_limit: { call_count: 100, refresh_second: 60 } },
  ),
  done('quota.clear', (w) => w.quota.clear(SEND), 'POST /cgi-bin/openapi/quota/clear', { cgi_path: SEND }),
  done('quota.clearAll', (w) => w.quota.clearAll(), 'POST /cgi-bin/clear_quota', { appid: APP_ID }),
  {
    ...done('quota.clearAllBySecret', (w) => w.quota.clearAllBySecret(), 'POST /cgi-bin/clear_quota/v2', {
      appid: APP_ID,
      appsecret: SECRET,
    }),
    tokenless: true,
  },
  asks(
    'quota.request',
    (w) => w.quota.request('61725984-6126f6f9-040f19c4'),
    'POST /cgi-bin/openapi/rid/get',
    { rid: '61725984-6126f6f9-040f19c4' },
    {
      request: {
        invoke_time: 1635156704,
        cost_in_ms: 30,
        request_url: 'access_token=50_x',
        request_body: '',
        response_body: '{"errcode":45009}',
        client_ip: '113.x.x.x',
      },
    },
  ),
  asks(
    'network.check',
    (w) => w.network.check('all'),
    'POST /cgi-bin/callback/check',
    { action: 'all', check_operator: 'DEFAULT' },
    {
      dns: [{ ip: '111.161.64.40', real_operator: 'UNICOM' }],
      ping: [{ ip: '111.161.64.40', from_operator: 'UNICOM', package_loss: '0%', time: '23.079ms' }],
    },
  ),
  reads('network.callbackIps', (w) => w.network.callbackIps(), 'GET /cgi-bin/getcallbackip', {
    ip_list: ['127.0.0.1', '101.226.103.0/25'],
  }),
  reads('network.apiDomainIps', (w) => w.network.apiDomainIps(), 'GET /cgi-bin/get_api_domain_ip', {
    ip_list: ['127.0.0.1'],
  }),
];

/** Every endpoint of the client, in each form in which its request can go out. Shapes are those of the official pages. */
export const rows: readonly Row[] = [
  ...core,
  ...customerService,
  ...menu,
  ...mass,
  ...articles,
  ...templates,
  ...people,
  ...codes,
  ...operations,
];

/** Methods that are no single request; other tests hold them. */
export const COMPOSED = [
  'warm',
  'close',
  'users.list',
  'tags.users',
  'blacklist.list',
  'qrcodes.imageUrl',
  'jsSdk.signature',
];

/** Every method of the client by its name, such as `menu.create`. */
export const methodsOf = (client: object, prefix = ''): string[] =>
  Object.entries(client).flatMap(([name, member]) =>
    typeof member === 'function' ? [`${prefix}${name}`] : methodsOf(member as object, `${name}.`),
  );
