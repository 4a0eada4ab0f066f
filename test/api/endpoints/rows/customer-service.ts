import { randomBytes } from 'node:crypto';
import { asks, done, KF, OPENID, type Row, reads } from './row.ts';

const jpg = Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), randomBytes(500)]);

export const customerService: readonly Row[] = [
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
  {
    ...done(
      'customerService.uploadAvatar',
      (w) => w.customerService.uploadAvatar(KF, { bytes: jpg, filename: 'ann.jpg' }),
      `POST /customservice/kfaccount/uploadheadimg?kf_account=${encodeURIComponent(KF)}`,
    ),
    upload: { name: 'ann.jpg', type: 'image/jpeg', bytes: jpg },
  },
  reads('customerService.getWork', (w) => w.customerService.getWork(), 'GET /customservice/work/get', {
    entityName: '某公司',
    corpid: 'wwee11111',
    bindTime: 1694611289,
  }),
  done('customerService.bindWork', (w) => w.customerService.bindWork('wwee11111'), 'POST /customservice/work/bind', {
    corpid: 'wwee11111',
  }),
  done(
    'customerService.unbindWork',
    (w) => w.customerService.unbindWork('wwee11111'),
    'POST /customservice/work/unbind',
    { corpid: 'wwee11111' },
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
