import { asks, done, OPENID, type Row, reads } from './row.ts';

const templateData = { thing1: { value: '天气预报' }, time2: { value: '8:00', color: '#173177' } };
const message = {
  touser: OPENID,
  template_id: 'T',
  url: 'https://example.com/',
  miniprogram: { appid: 'wx1', pagepath: 'index?a=1' },
  data: templateData,
};
/** Nothing in it says anything. */
const empty = { url: '', page: ' ', client_msg_id: '', miniprogram: { appid: '', pagepath: '' } };
const once = {
  touser: OPENID,
  template_id: 'T',
  scene: '1000',
  title: '天气',
  data: { content: { value: '晴', color: '#000000' } },
};
const notice = { touser: OPENID, template_id: 'T', page: 'https://example.com/', data: { thing1: { value: '晴' } } };
const library = { tid: '401', kidList: [1, 2], sceneDesc: '测试数据' };
export const templates: readonly Row[] = [
  asks(
    'templates.send',
    (w) => w.templates.send(message),
    'POST /cgi-bin/message/template/send',
    message,
    { msgid: 200228332 },
    { msgid: '200228332' },
  ),
  asks(
    'templates.send',
    (w) => w.templates.send({ ...message, ...empty, miniprogram: { appid: 'wx1', pagepath: '' } }),
    'POST /cgi-bin/message/template/send',
    { touser: OPENID, template_id: 'T', miniprogram: { appid: 'wx1' }, data: templateData },
    { msgid: 200228332 },
    { msgid: '200228332' },
  ),
  done(
    'subscriptions.send',
    (w) => w.subscriptions.send({ ...notice, ...empty }),
    'POST /cgi-bin/message/subscribe/bizsend',
    {
      touser: OPENID,
      template_id: 'T',
      data: notice.data,
    },
  ),
  done(
    'subscriptions.sendOneTime',
    (w) => w.subscriptions.sendOneTime({ ...once, ...empty }),
    'POST /cgi-bin/message/template/subscribe',
    once,
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
