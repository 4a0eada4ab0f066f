import { describe, expect, test } from 'vitest';
import { MessageCipher } from '../../src/wechat/cipher.ts';
import { pushId } from '../../src/wechat/dedupe.ts';
import { SignatureError } from '../../src/wechat/errors.ts';
import { pushKeys } from '../../src/wechat/keys.ts';
import { cutEncrypt, parsePush } from '../../src/wechat/parse.ts';
import type { Push } from '../../src/wechat/push.ts';
import { isSignedBy } from '../../src/wechat/signature.ts';
import { config, type RequestFixture, requests } from './fixtures.ts';

const cipher = new MessageCipher(config.encodingAESKey, config.appid);

/** What a receiver does with this layer, in its order: cut, check, decrypt, parse. */
function receive({ mode, query, body }: RequestFixture): Push {
  const { signature, timestamp, nonce, msg_signature } = query;
  if (timestamp === undefined || nonce === undefined) throw new SignatureError('missing', 'parameters');
  const encrypted = cutEncrypt(body);
  if (encrypted === undefined) {
    if (mode === 'secure') throw new SignatureError('downgrade', 'plain');
    if (!isSignedBy([config.token], signature, timestamp, nonce)) throw new SignatureError('token', 'signature');
    return parsePush(body);
  }
  if (!isSignedBy([config.token], msg_signature, timestamp, nonce, encrypted)) {
    throw new SignatureError('msg_signature', 'signature');
  }
  return parsePush(cipher.decrypt(encrypted));
}

const posts = requests.filter(({ method }) => method === 'POST');

test.each(posts.filter(({ expect: { accepted } }) => accepted))('$name is read', (request) => {
  const push = receive(request);
  expect(push.FromUserName).toBe(request.query.openid);
  if (request.expect.message) {
    expect(pushKeys(push)[0]).toBe(request.expect.message.replace('event.', 'event:'));
  }
});

test.each(posts.filter(({ expect: { rejected } }) => rejected))('$name is refused', (request) => {
  expect(() => receive(request)).toThrow(SignatureError);
});

describe('compatible mode', () => {
  test.each(posts.filter(({ mode }) => mode === 'compatible'))(
    '$name: plain and encrypted copy are the same push',
    (request) => {
      expect(parsePush(request.body)).toStrictEqual(receive(request));
    },
  );
});

test('a repeat in another mode has the same id', () => {
  const text = posts.filter(({ expect: { message } }) => message === 'text').map((request) => pushId(receive(request)));
  expect(text.length).toBeGreaterThan(1);
  expect(new Set(text).size).toBe(1);
});

test.each(requests.filter(({ method }) => method === 'GET'))('$name', ({ query, expect: { status } }) => {
  const { signature, timestamp = '', nonce = '', echostr = '' } = query;
  const ours = isSignedBy([config.token], signature, timestamp, nonce) !== undefined && /^\d+$/.test(echostr);
  expect(ours).toBe(status === 200);
});
