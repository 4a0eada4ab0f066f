import { text } from '../../../../src/wechat/message.ts';
import { asks, done, OK, OPENID, type Row } from './row.ts';

export const core: readonly Row[] = [
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
