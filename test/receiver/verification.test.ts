import { afterAll, describe, expect, test } from 'vitest';
import { sign } from '../../src/simulator/crypto.ts';
import { eventually } from '../helpers/eventually.ts';
import { freePort } from '../helpers/ports.ts';
import { createHarness } from './harness.ts';
import {
  ACCOUNT,
  field,
  get,
  newOpenid,
  plain,
  post,
  pushXml,
  sealed,
  seconds,
  signedQuery,
  textXml,
} from './requests.ts';

const OTHER_KEY = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefg';
const ECHO = '5869293948576102345';
const AUTO = { WECHAT_ENCODING_AES_KEY: ACCOUNT.aesKey };
const echo = {
  name: 'echo',
  on: 'text' as const,
  reply: ({ push }: { push: { Content: string } }) => `you said ${push.Content}`,
};

/** A receiver with a Redis prefix of its own. */
function open() {
  const harness = createHarness();
  afterAll(() => harness.close());
  return harness;
}
const refused = { status: 401, body: '' };

describe('GET', async () => {
  const harness = open();
  const start = () => harness.start([echo]);
  const receiver = start();
  const reason = async () => (await receiver).events('push.unauthorized').at(-1)?.['reason'];

  test('without a query it is refused, and says that wxrelay runs here and what to enter in the console', async () => {
    const answer = await get((await receiver).url);
    expect(answer.status).toBe(401);
    expect(answer.body).toMatch(/wxrelay/);
    expect(answer.body).toMatch(/WECHAT_TOKEN/);
    expect(answer.body).toContain('基础信息 → 域名与消息推送配置（原：设置与开发 → 基本配置）');
    expect(answer.body).not.toContain(ACCOUNT.token);
  });

  test('a good signature is answered with the echostr alone, as text that no browser takes for a page', async () => {
    const url = `${(await receiver).url}?${new URLSearchParams({ ...signedQuery(), echostr: ECHO })}`;
    const answer = await fetch(url);
    expect(await answer.text()).toBe(ECHO);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test.each([
    ['<script>alert(1)</script>', 'markup'],
    ['', 'nothing'],
    ['1'.repeat(257), 'too much'],
    ['1 2', 'a space'],
  ])('the echostr %j is refused: it is %s', async (echostr) => {
    const answer = await get((await receiver).url, { ...signedQuery(), echostr });
    expect(answer).toMatchObject(refused);
    expect(await reason()).toBe('missing');
  });

  test('base64, which other WeChat products send encrypted, is a good echostr', async () => {
    const echostr = 'P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==';
    expect((await get((await receiver).url, { ...signedQuery(), echostr })).body).toBe(echostr);
  });

  test.each(['signature', 'timestamp', 'nonce'])('without its %s it is refused', async (name) => {
    const { [name]: _, ...query } = { ...signedQuery(), echostr: ECHO } as Record<string, string>;
    expect(await get((await receiver).url, query)).toMatchObject(refused);
    expect(await reason()).toBe('missing');
  });

  test('a parameter given twice is refused, for nobody knows which one was signed', async () => {
    const query = new URLSearchParams({ ...signedQuery(), echostr: ECHO });
    query.append('nonce', '1');
    const answer = await fetch(`${(await receiver).url}?${query}`);
    expect([answer.status, await answer.text()]).toEqual([401, '']);
  });

  test('the signature of missing parameters, taken for "undefined", is refused', async () => {
    const query = { signature: sign(ACCOUNT.token, 'undefined', 'undefined'), echostr: ECHO };
    expect(await get((await receiver).url, query)).toMatchObject(refused);
  });

  test('a timestamp 15 minutes off is refused, in either direction; one a little nearer is not', async () => {
    const { url } = await receiver;
    const at = async (offset: number) => {
      const timestamp = String(Number(seconds()) + offset);
      return (await get(url, { ...signedQuery({ timestamp }), echostr: ECHO })).status;
    };
    expect([await at(-960), await at(-840), await at(840), await at(960)]).toEqual([401, 200, 200, 401]);
    expect(await reason()).toBe('stale');
  });

  test('a timestamp that is no number of seconds is refused, however well signed', async () => {
    const { url } = await receiver;
    for (const timestamp of ['NaN', '1e9', ' 1767225600', '-1', 'Infinity'])
      expect(await get(url, { ...signedQuery({ timestamp }), echostr: ECHO })).toMatchObject(refused);
  });

  test('another Token is refused, and the log says that the Token differs; the answer says nothing', async () => {
    const answer = await get((await receiver).url, { ...signedQuery({ token: 'AnotherToken' }), echostr: ECHO });
    expect(answer).toMatchObject(refused);
    expect((await receiver).events('push.unauthorized').at(-1)).toMatchObject({
      reason: 'token',
      why: expect.stringContaining('WECHAT_TOKEN'),
    });
  });
});

describe('what the log says of a refusal', () => {
  const harness = open();
  test('holds neither Token nor key nor the user’s words', async () => {
    const env = { ...AUTO, WECHAT_ENCRYPTION: 'safe' };
    const receiver = await harness.start([echo], { env });
    const xml = textXml(newOpenid(), 'a secret of the user');
    await post(receiver.url, plain(xml));
    await post(receiver.url, sealed(xml, { token: 'AnotherToken' }));
    await post(receiver.url, sealed(xml, { aesKey: OTHER_KEY }));
    await post(receiver.url, sealed(xml));
    const log = JSON.stringify(receiver.lines);
    expect(receiver.events('push.unauthorized')).toHaveLength(3);
    for (const secret of [ACCOUNT.token, ACCOUNT.aesKey, 'a secret of the user']) expect(log).not.toContain(secret);
  });
});

describe('POST', () => {
  const harness = open();

  test('a plain push whose timestamp is 15 minutes off is refused; with WXRELAY_MAX_AGE it may be older', async () => {
    const strict = await harness.start([echo]);
    const lenient = await harness.start([echo], { env: { WXRELAY_MAX_AGE: '3600' } });
    const late = () => plain(textXml(newOpenid(), 'hi'), { timestamp: String(Number(seconds()) - 960) });
    expect(await post(strict.url, late())).toMatchObject(refused);
    expect(strict.events('push.unauthorized')).toEqual([
      expect.objectContaining({ reason: 'stale', why: expect.stringContaining('clock') }),
    ]);
    expect((await post(lenient.url, late())).status).toBe(200);
  });

  test('an encrypted push whose timestamp is 15 minutes off is refused', async () => {
    const receiver = await harness.start([echo], { env: AUTO });
    const answer = await post(
      receiver.url,
      sealed(textXml(newOpenid(), 'hi'), { timestamp: String(Number(seconds()) - 960) }),
    );
    expect(answer).toMatchObject(refused);
    expect(receiver.events('push.unauthorized')).toEqual([expect.objectContaining({ reason: 'stale' })]);
  });

  test('while the Token is being changed, both are good, and the reply is sealed with the one that came', async () => {
    const env = { ...AUTO, WECHAT_TOKEN: 'NewToken,OldToken', WECHAT_ENCRYPTION: 'safe' };
    const receiver = await harness.start([echo], { env });
    for (const token of ['NewToken', 'OldToken']) {
      expect((await get(receiver.url, { ...signedQuery({ token }), echostr: ECHO })).status).toBe(200);
      const { status, body } = await post(receiver.url, sealed(textXml(newOpenid(), 'hi'), { token }));
      expect(status).toBe(200);
      const [encrypted = '', timestamp = '', nonce = ''] = ['Encrypt', 'TimeStamp', 'Nonce'].map((name) =>
        field(body, name),
      );
      expect(field(body, 'MsgSignature')).toBe(sign(token, timestamp, nonce, encrypted));
    }
    expect(await post(receiver.url, sealed(textXml(newOpenid(), 'hi')))).toMatchObject(refused);
  });

  test('while the EncodingAESKey is being changed, both are good', async () => {
    const env = { WECHAT_ENCODING_AES_KEY: `${OTHER_KEY},${ACCOUNT.aesKey}`, WECHAT_ENCRYPTION: 'safe' };
    const receiver = await harness.start([echo], { env });
    for (const aesKey of [OTHER_KEY, ACCOUNT.aesKey])
      expect((await post(receiver.url, sealed(textXml(newOpenid(), 'hi'), { aesKey }))).status).toBe(200);
    const third = 'zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz';
    expect(await post(receiver.url, sealed(textXml(newOpenid(), 'hi'), { aesKey: third }))).toMatchObject(refused);
    expect(receiver.events('push.unauthorized').at(-1)).toMatchObject({ reason: 'decrypt' });
  });

  test('a push encrypted for another account is refused', async () => {
    const receiver = await harness.start([echo], { env: AUTO });
    const answer = await post(receiver.url, sealed(textXml(newOpenid(), 'hi'), { appId: 'wxfedcba9876543210' }));
    expect(answer).toMatchObject(refused);
    expect(receiver.events('push.unauthorized')).toEqual([expect.objectContaining({ reason: 'appid' })]);
  });

  test('in compatible mode the decrypted copy counts, for anybody may have changed the plain one', async () => {
    const receiver = await harness.start([echo], { env: { ...AUTO, WECHAT_ENCRYPTION: 'compatible' } });
    const said: string[] = [];
    const listening = await harness.start(
      [{ name: 'listen', on: 'text', reply: ({ push }) => void said.push(push.Content) }],
      {
        env: { ...AUTO, WECHAT_ENCRYPTION: 'compatible' },
      },
    );
    const { query, body } = sealed(textXml(newOpenid(), 'the truth'), {}, true);
    const forged = body.replace('the truth', 'a lie');
    expect((await post(listening.url, { query, body: forged })).status).toBe(200);
    expect(said).toEqual(['the truth']);
    expect(await post(receiver.url, plain(textXml(newOpenid(), 'no copy')))).toMatchObject(refused);
  });

  test('without a key an encrypted push is refused, and the log says which setting is missing', async () => {
    const receiver = await harness.start([echo]);
    expect(await post(receiver.url, sealed(textXml(newOpenid(), 'hi')))).toMatchObject(refused);
    expect(receiver.events('push.unauthorized')).toEqual([
      expect.objectContaining({ why: expect.stringContaining('WECHAT_ENCODING_AES_KEY') }),
    ]);
  });

  test('a Token that the console would not take is warned of once, at the start, and good', async () => {
    const receiver = await harness.start([echo], { env: { WECHAT_TOKEN: 'test_token' } });
    expect(receiver.events('settings.doubtful')).toEqual([
      expect.objectContaining({ level: 40, why: expect.stringMatching(/^WECHAT_TOKEN is not 3 to 32/) }),
    ]);
    expect(JSON.stringify(receiver.lines)).not.toContain('test_token');
    expect((await post(receiver.url, plain(textXml(newOpenid(), 'hi'), { token: 'test_token' }))).status).toBe(200);
    expect(await post(receiver.url, plain(textXml(newOpenid(), 'hi')))).toMatchObject(refused);
  });

  test('an account in plain mode reads the plain copy of a compatible push', async () => {
    const receiver = await harness.start([echo], { env: { WECHAT_ENCRYPTION: 'plain' } });
    const { status, body } = await post(receiver.url, sealed(textXml(newOpenid(), 'hi'), {}, true));
    expect([status, field(body, 'Content')]).toEqual([200, 'you said hi']);
  });

  test('an openid in the query that is not the sender’s is noted, and costs the push nothing', async () => {
    const receiver = await harness.start([echo]);
    const { query, body } = plain(textXml(newOpenid(), 'hi'));
    expect((await post(receiver.url, { query: { ...query, openid: newOpenid() }, body })).status).toBe(200);
    expect(receiver.events('push.openid_differs')).toHaveLength(1);
  });
});

describe('WECHAT_ENCRYPTION=auto with a key', () => {
  const harness = open();

  test('plain pushes are taken, with one warning, until the first encrypted one; then never again, in any receiver', async () => {
    const first = await harness.start([echo], { env: AUTO });
    expect((await post(first.url, plain(textXml(newOpenid(), '1')))).status).toBe(200);
    expect((await post(first.url, plain(textXml(newOpenid(), '2')))).status).toBe(200);
    expect(first.events('encryption.plain_although_a_key_is_set')).toHaveLength(1);

    // Forgeries teach it nothing.
    expect(await post(first.url, sealed(textXml(newOpenid(), '3'), { token: 'AnotherToken' }))).toMatchObject(refused);
    expect(await post(first.url, sealed(textXml(newOpenid(), '4'), { aesKey: OTHER_KEY }))).toMatchObject(refused);
    expect(await post(first.url, sealed(textXml(newOpenid(), '5'), { appId: 'wxfedcba9876543210' }))).toMatchObject(
      refused,
    );
    expect((await post(first.url, plain(textXml(newOpenid(), '6')))).status).toBe(200);

    expect((await post(first.url, sealed(textXml(newOpenid(), '7')))).status).toBe(200);
    expect(await post(first.url, plain(textXml(newOpenid(), '8')))).toMatchObject(refused);
    expect(first.events('push.unauthorized').at(-1)).toMatchObject({ reason: 'downgrade' });
    await eventually(async () =>
      expect(await harness.redis.keys('*:encrypted')).toContainEqual(
        expect.stringContaining(harness.env.WXRELAY_PREFIX),
      ),
    );

    const second = await harness.start([echo], { env: AUTO });
    expect(await post(second.url, plain(textXml(newOpenid(), '9')))).toMatchObject(refused);
    expect((await post(second.url, sealed(textXml(newOpenid(), '10')))).status).toBe(200);

    const open = await harness.start([echo], { env: { ...AUTO, WECHAT_ENCRYPTION: 'plain' } });
    expect((await post(open.url, plain(textXml(newOpenid(), '11')))).status).toBe(200);
  });

  test('a receiver that could not ask Redis yet takes no plain push, and has WeChat send it again', async () => {
    const env = { ...AUTO, REDIS_URL: `redis://127.0.0.1:${await freePort()}` };
    const receiver = await harness.start([echo], { env, ready: false });
    expect(await post(receiver.url, plain(textXml(newOpenid(), 'hi')))).toMatchObject({ status: 500, body: '' });
    expect((await post(receiver.url, sealed(textXml(newOpenid(), 'hi')))).status).toBe(200);
  });
});

describe('WECHAT_ENCRYPTION=safe', () => {
  const harness = open();
  const forgeries: [string, (xml: string) => { query: Record<string, string>; body: string }][] = [
    ['a plain push', (xml) => plain(xml)],
    [
      'a plain push that calls itself encrypted',
      (xml) => ({ ...plain(xml), query: { ...signedQuery(), encrypt_type: 'aes' } }),
    ],
    [
      'an encrypted push without msg_signature',
      (xml) => ({ ...sealed(xml), query: { ...signedQuery(), encrypt_type: 'aes' } }),
    ],
    [
      'an encrypted push whose msg_signature is that of the URL',
      (xml) => ({
        ...sealed(xml),
        query: { ...signedQuery(), encrypt_type: 'aes', msg_signature: signedQuery().signature },
      }),
    ],
    [
      'an encrypted push with another’s msg_signature',
      (xml) => ({ query: sealed(textXml(newOpenid(), 'another')).query, body: sealed(xml).body }),
    ],
    ['an empty body', () => plain('')],
  ];

  test.each(forgeries)('%s is refused with an empty answer, and no handler runs', async (_, forge) => {
    const ran: unknown[] = [];
    const receiver = await harness.start([{ name: 'any', on: 'any', reply: () => void ran.push(1) }], {
      env: { ...AUTO, WECHAT_ENCRYPTION: 'safe' },
    });
    expect(await post(receiver.url, forge(pushXml(newOpenid(), 'text', { Content: 'hi', MsgId: '1' })))).toMatchObject(
      refused,
    );
    expect(ran).toEqual([]);
  });
});
