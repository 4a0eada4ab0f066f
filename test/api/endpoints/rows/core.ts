import { text } from '../../../../src/wechat/message.ts';
import { asks, done, OK, OPENID, type Row, reads } from './row.ts';

export const core: readonly Row[] = [
  asks(
    'call',
    (w) => w.call({ method: 'POST', path: '/cgi-bin/any', json: { a: '你' } }),
    'POST /cgi-bin/any',
    { a: '你' },
    { b: 1 },
    { ...OK, b: 1 },
  ),
  asks('call', (w) => w.call('POST', '/cgi-bin/any', { a: '你' }), 'POST /cgi-bin/any', { a: '你' }, { b: 1 }),
  asks('call', (w) => w.call('POST', '/cgi-bin/any?type=x'), 'POST /cgi-bin/any?type=x', {}, { b: 1 }),
  reads('call', (w) => w.call('GET', '/cgi-bin/any', { a: 1, b: '2&3' }), 'GET /cgi-bin/any?a=1&b=2%263', { c: 1 }),
  reads('call', (w) => w.call('GET', '/cgi-bin/any?a=1', { b: 2 }), 'GET /cgi-bin/any?a=1&b=2', { c: 1 }),
  reads('call', (w) => w.call('GET', '/cgi-bin/any'), 'GET /cgi-bin/any', { c: 1 }),
  done(
    'sendCustomerServiceMessage',
    (w) => w.sendCustomerServiceMessage(OPENID, text('你好')),
    'POST /cgi-bin/message/custom/send',
    { touser: OPENID, msgtype: 'text', text: { content: '你好' } },
  ),
];
