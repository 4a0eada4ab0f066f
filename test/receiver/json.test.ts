// The console can push JSON. wxrelay reads XML: what has to be switched, and where, stands in the log.
import { afterAll, describe, expect, test } from 'vitest';
import { encrypt, sign } from '../../src/simulator/crypto.ts';
import { createHarness } from './harness.ts';
import { ACCOUNT, newMsgId, newOpenid, type PushRequest, plain, post, sealed, signedQuery } from './requests.ts';

const harness = createHarness();
afterAll(() => harness.close());

const push = {
  ToUserName: ACCOUNT.toUser,
  FromUserName: newOpenid(),
  CreateTime: 1767225600,
  MsgType: 'text',
  Content: '<xml> is what I write',
  MsgId: newMsgId(),
};
const json = JSON.stringify(push);
const KEY = { WECHAT_ENCODING_AES_KEY: ACCOUNT.aesKey };
const SAFE = { ...KEY, WECHAT_ENCRYPTION: 'safe' };

/** As the console sends it in the safe mode; in the compatible mode the fields stand beside it. */
function envelope(beside: object = {}): PushRequest {
  const query = signedQuery();
  const Encrypt = encrypt(json, { encodingAESKey: ACCOUNT.aesKey, appId: ACCOUNT.appId });
  const msg_signature = sign(ACCOUNT.token, query.timestamp, query.nonce, Encrypt);
  const body = JSON.stringify({ ...beside, ToUserName: ACCOUNT.toUser, Encrypt });
  return { query: { ...query, encrypt_type: 'aes', msg_signature }, body };
}
const spaced = ({ query, body }: PushRequest): PushRequest => ({ query, body: `\ufeff\r\n ${body}` });

type Kind = [string, Record<string, string>, PushRequest, 200 | 401];
const kinds: Kind[] = [
  ['a plain push', {}, plain(json), 200],
  ['a plain push behind a byte order mark and space', {}, spaced(plain(json)), 200],
  ['a plain push, where a key is set', KEY, plain(json), 200],
  ['a plain push, where only encrypted ones are taken', SAFE, plain(json), 401],
  ['an encrypted push', SAFE, envelope(), 401],
  ['an encrypted push behind a byte order mark and space', SAFE, spaced(envelope()), 401],
  ['an encrypted push beside its plain fields', { ...KEY, WECHAT_ENCRYPTION: 'compatible' }, envelope(push), 401],
  ['an encrypted push, where no key is set', {}, envelope(), 401],
  ['an encrypted push, where the mode is plain', { ...KEY, WECHAT_ENCRYPTION: 'plain' }, envelope(push), 401],
  ['JSON in an envelope of XML', SAFE, sealed(json), 200],
];

describe('the log says that the data format is JSON, and where it is switched to XML, of', () => {
  test.each(kinds)('%s', async (_, env, request, status) => {
    const receiver = await harness.start([{ name: 'any', on: 'any', reply: () => 'never' }], { env });
    expect(await post(receiver.url, request)).toMatchObject({ status, body: status === 200 ? 'success' : '' });
    const event = status === 200 ? 'push.malformed' : 'push.unauthorized';
    expect(receiver.events(event)).toEqual([
      expect.objectContaining({ why: expect.stringMatching(/JSON.*数据格式.*to XML.*域名与消息推送配置/) }),
    ]);
    expect(JSON.stringify(receiver.lines)).not.toContain('is what I write');
  });
});

test('a forged one is told from none: its signature is checked first', async () => {
  const receiver = await harness.start([], {});
  expect(await post(receiver.url, plain(json, { token: 'Another' }))).toMatchObject({ status: 401, body: '' });
  expect(receiver.events('push.unauthorized')).toEqual([expect.objectContaining({ reason: 'token' })]);
});
