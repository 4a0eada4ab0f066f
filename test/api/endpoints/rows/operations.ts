import { APP_ID, asks, done, OK, type Row, reads, SECRET } from './row.ts';

const SEND = '/cgi-bin/message/custom/send';
export const operations: readonly Row[] = [
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
