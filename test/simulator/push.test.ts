import { describe, expect, test } from 'vitest';
import { decrypt, sign } from '../../src/simulator/crypto.ts';
import { pushToReceiver } from '../../src/simulator/push.ts';
import type { Encryption } from '../../src/simulator/request.ts';
import { startFakeReceiver } from './fake-receiver.ts';
import { account, textPush } from './fixtures.ts';

const push = (receiverUrl: string, encryption: Encryption = 'plain') => ({
  receiverUrl,
  ...account,
  encryption,
  xml: textPush,
  pauseMs: 0,
});
const parameters = (url: string) => [...new URL(url, 'http://fake').searchParams];

describe('the request', () => {
  test('looks like one of WeChat', async () => {
    await using receiver = await startFakeReceiver(() => 'success');
    await pushToReceiver(push(receiver.url));
    const [request] = receiver.received;
    expect(request).toMatchObject({ method: 'POST', httpVersion: '1.1', body: textPush });
    expect(request!.headers).toMatchObject({ 'user-agent': 'Mozilla/4.0', 'content-type': 'text/xml' });
    const query = parameters(request!.url);
    expect(query.map(([name]) => name)).toEqual(['signature', 'timestamp', 'nonce', 'openid']);
    const { signature, timestamp, nonce, openid } = Object.fromEntries(query);
    expect(signature).toBe(sign(account.token, timestamp!, nonce!));
    expect(openid).toBe('oTest0penid_AAAAAAAAAAAAAAA1');
  });

  test('in safe mode carries nothing but the sealed push', async () => {
    await using receiver = await startFakeReceiver(() => 'success');
    await pushToReceiver(push(receiver.url, 'safe'));
    const [request] = receiver.received;
    const query = parameters(request!.url);
    expect(query.map(([name]) => name).slice(4)).toEqual(['encrypt_type', 'msg_signature']);
    const { timestamp, nonce, msg_signature } = Object.fromEntries(query);
    const sealed = /<Encrypt><!\[CDATA\[(.*)\]\]>/.exec(request!.body)?.[1] ?? '';
    expect(msg_signature).toBe(sign(account.token, timestamp!, nonce!, sealed));
    expect(decrypt(sealed, account)).toBe(textPush);
    expect(request!.body).not.toContain('FromUserName');
  });

  test('in compatible mode carries the plain push and the sealed one', async () => {
    await using receiver = await startFakeReceiver(() => 'success');
    await pushToReceiver(push(receiver.url, 'compatible'));
    const body = receiver.received[0]!.body;
    expect(body).toContain('<FromUserName>');
    expect(decrypt(/<Encrypt><!\[CDATA\[(.*)\]\]>/.exec(body)?.[1] ?? '', account)).toBe(textPush);
    expect(body.endsWith('</xml>')).toBe(true);
  });

  test('needs a key for safe mode', async () => {
    const { encodingAESKey: _, ...options } = push('http://127.0.0.1:1/wechat', 'safe');
    await expect(pushToReceiver(options)).rejects.toThrow('WECHAT_ENCODING_AES_KEY');
  });
});

describe('the attempts', () => {
  test('end with the first legal answer', async () => {
    await using receiver = await startFakeReceiver((_, number) => (number === 1 ? 'nonsense' : 'success'));
    const { attempts, answer } = await pushToReceiver(push(receiver.url));
    expect(answer).toEqual({ kind: 'success' });
    expect(attempts).toMatchObject([
      { status: 200, body: 'nonsense' },
      { status: 200, body: 'success' },
    ]);
  });

  test('are three, of the same query and body, when nobody answers in time', async () => {
    await using receiver = await startFakeReceiver(() => undefined);
    const { attempts, answer } = await pushToReceiver({ ...push(receiver.url, 'safe'), timeoutMs: 50 });
    expect(answer).toMatchObject({ kind: 'fault', reason: 'no answer within 50 ms' });
    expect(attempts).toMatchObject([{ timedOut: true }, { timedOut: true }, { timedOut: true }]);
    expect(receiver.received).toHaveLength(3);
    expect(new Set(receiver.received.map(({ url }) => url)).size).toBe(1);
    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
  });

  test('take an answer that comes in time on the third', async () => {
    await using receiver = await startFakeReceiver((_, number) => (number < 3 ? undefined : ''));
    const { attempts, answer } = await pushToReceiver({ ...push(receiver.url), timeoutMs: 300 });
    expect(answer).toEqual({ kind: 'empty' });
    expect(attempts).toHaveLength(3);
  });

  test('count an answer that never ends as none', async () => {
    await using receiver = await startFakeReceiver((_request, _number, response) => {
      response.write('succ');
      return undefined;
    });
    const { attempts } = await pushToReceiver({ ...push(receiver.url), timeoutMs: 50, attempts: 1 });
    expect(attempts).toMatchObject([{ timedOut: true }]);
  });

  test.each([201, 204, 302, 401, 404, 500])('take HTTP %i for a failure', async (status) => {
    await using receiver = await startFakeReceiver((_request, _number, response) => {
      response.statusCode = status;
      return status === 204 ? '' : 'success';
    });
    const { attempts, answer } = await pushToReceiver(push(receiver.url));
    expect(attempts.map((attempt) => attempt.status)).toEqual([status, status, status]);
    expect(answer.kind).toBe('fault');
    expect(answer.reason).toContain(`HTTP ${status}`);
    expect(answer.reasonZh).toContain(`HTTP ${status}`);
  });

  test('say that nothing listens', async () => {
    const gone = await startFakeReceiver(() => 'success');
    await gone.close();
    const { attempts, answer } = await pushToReceiver(push(gone.url));
    expect(attempts).toMatchObject([{ unreachable: true }, { unreachable: true }, { unreachable: true }]);
    expect(answer.reason).toContain('nothing listens');
  });

  test('survive a connection that is cut', async () => {
    await using receiver = await startFakeReceiver((_, number, response) => {
      if (number > 1) return 'success';
      response.destroy();
      return undefined;
    });
    const { attempts, answer } = await pushToReceiver(push(receiver.url));
    expect(attempts[0]!.error).toContain('no complete answer');
    expect(answer.kind).toBe('success');
  });

  test('stop when the caller wants no more', async () => {
    const stop = new AbortController();
    await using receiver = await startFakeReceiver(() => {
      stop.abort(new Error('enough'));
      return undefined;
    });
    const stopped = { ...push(receiver.url), signal: stop.signal, attempts: 1 };
    await expect(pushToReceiver(stopped)).rejects.toThrow('enough');
    await expect(pushToReceiver({ ...stopped, attempts: 3 })).rejects.toThrow('enough');
    expect(receiver.received).toHaveLength(1);
  });
});
