import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { appSecret, call, startOn, stateOf } from './client.ts';
import { startFakeReceiver, textReply } from './fake-receiver.ts';
import { account, sealedReply, textPush } from './fixtures.ts';

describe('a push ordered over HTTP', () => {
  test('comes back with its attempts and the answer, and stands in the state', async () => {
    await using receiver = await startFakeReceiver(({ body }) => textReply(body, '收到'));
    await using simulator = await startOn(receiver.url);
    const { status, json } = await call(`${simulator.url}/simulator/push`, { openid: 'oVisitor', text: '在吗' });
    expect(status).toBe(200);
    expect(json).toMatchObject({
      openid: 'oVisitor',
      facts: { type: 'text', text: '在吗' },
      attempts: [{ status: 200, ms: expect.any(Number) }],
      answer: { kind: 'reply', reply: { type: 'text', content: '收到' } },
    });
    const state = await stateOf(simulator);
    expect(state.pushes).toEqual([json]);
    expect(state.followers.map(({ openid }) => openid)).toEqual([simulator.openid, 'oVisitor']);
    const own = await call(`${simulator.url}/simulator/state?openid=${simulator.openid}`);
    expect(own.json.pushes).toEqual([]);
  });

  test('is written as WeChat writes it, whatever the user typed', async () => {
    await using receiver = await startFakeReceiver(() => 'success');
    await using simulator = await startOn(receiver.url);
    await simulator.push({ text: 'a ]]> b & <c>' });
    await simulator.push({ click: 'KEY' });
    await simulator.push({ image: true });
    const [message, click, picture] = receiver.received.map(({ body }) => body);
    expect(message).toMatch(
      /^<xml><ToUserName><!\[CDATA\[gh_[\da-f]{12}\]\]><\/ToUserName>\n<FromUserName><!\[CDATA\[o[\w-]{27}\]\]><\/FromUserName>\n<CreateTime>\d{10}<\/CreateTime>\n<MsgType><!\[CDATA\[text\]\]><\/MsgType>\n<Content><!\[CDATA\[a \]\]> b & <c>\]\]><\/Content>\n<MsgId>\d{17,19}<\/MsgId>\n<\/xml>$/,
    );
    expect(click).toContain('<Event><![CDATA[CLICK]]></Event>\n<EventKey><![CDATA[KEY]]></EventKey>');
    expect(click).not.toContain('MsgId');
    const url = /<PicUrl><!\[CDATA\[(.*)\]\]>/.exec(picture!)?.[1] ?? '';
    const response = await fetch(url);
    expect(response.headers.get('content-type')).toBe('image/png');
    expect(Buffer.from(await response.arrayBuffer()).toString('latin1', 1, 4)).toBe('PNG');
  });

  test('never gives out a MsgId twice', async () => {
    await using receiver = await startFakeReceiver(() => 'success');
    await using simulator = await startOn(receiver.url);
    await Promise.all(Array.from({ length: 50 }, () => simulator.push({ text: 'x' })));
    const ids = receiver.received.map(({ body }) => /<MsgId>(\d+)</.exec(body)?.[1]);
    expect(new Set(ids).size).toBe(50);
  });

  test('may be recorded XML, and is sealed in safe mode', async () => {
    await using receiver = await startFakeReceiver(() => sealedReply);
    await using simulator = await startOn(receiver.url, { encryption: 'safe' });
    const { answer, openid } = await simulator.push({ xml: textPush });
    expect(answer).toEqual({ kind: 'reply', reply: { type: 'text', content: '你好' } });
    expect(openid).toBe('oTest0penid_AAAAAAAAAAAAAAA1');
  });

  test.each([
    [{}, 'exactly one'],
    [{ text: 'a', click: 'b' }, 'exactly one'],
    [{ text: 1 }, '"text" has to be a string'],
    [{ openid: 1, text: 'a' }, '"openid" has to be a string'],
    ['[]', 'JSON object'],
    ['nonsense', 'JSON'],
  ])('like %j is refused with a reason', async (body, reason) => {
    await using simulator = await startOn('http://127.0.0.1:1/wechat');
    const answer = await call(`${simulator.url}/simulator/push`, body);
    expect(answer).toMatchObject({ status: 400, text: expect.stringContaining(reason) });
  });

  test('that hangs ends with the simulator', async () => {
    await using receiver = await startFakeReceiver(() => undefined);
    const simulator = await startOn(receiver.url);
    const pushed = simulator.push({ text: 'hello' });
    await expect.poll(() => receiver.received.length).toBe(1);
    await simulator.close();
    expect((await pushed).answer).toMatchObject({ kind: 'fault', reason: 'the simulator was stopped' });
  });
});

test('the URL check of the console tells a good receiver from a wrong and a missing one', async () => {
  await using receiver = await startFakeReceiver(() => 'success');
  await using good = await startOn(receiver.url);
  expect((await call(`${good.url}/simulator/verify`, '')).json).toEqual({ ok: true, reachable: true });
  await using wrong = await startOn(`${good.url}/nowhere`);
  expect((await call(`${wrong.url}/simulator/verify`, '')).json).toMatchObject({ ok: false, reachable: true });
  await using missing = await startOn('http://127.0.0.1:1/wechat');
  expect((await call(`${missing.url}/simulator/verify`, '')).json).toMatchObject({ ok: false, reachable: false });
});

describe('strangers', () => {
  const statusWith = (url: string, method: string, headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      const sent = request(url, { method, headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on('error', reject).end();
    });

  test('under another host name get neither page nor control API', async () => {
    await using simulator = await startOn('http://127.0.0.1:1/wechat');
    const port = new URL(simulator.url).port;
    for (const path of ['/', '/simulator/state', '/simulator/events']) {
      expect(await statusWith(simulator.url + path, 'GET', { host: `evil.example:${port}` })).toBe(403);
    }
    for (const host of ['localhost', 'LOCALHOST', '127.0.0.1', '[::1]']) {
      expect(await statusWith(`${simulator.url}/simulator/state`, 'GET', { host: `${host}:${port}` })).toBe(200);
    }
  });

  test('from pages of another origin change nothing', async () => {
    await using simulator = await startOn('http://127.0.0.1:1/wechat');
    const revoke = `${simulator.url}/simulator/token/revoke`;
    for (const origin of ['http://evil.example', 'null', 'http://127.0.0.1:1']) {
      expect(await statusWith(revoke, 'POST', { origin })).toBe(403);
    }
    expect(await statusWith(revoke, 'POST', { origin: simulator.url })).toBe(200);
    expect(await statusWith(revoke, 'POST', {})).toBe(200);
  });
});

test('the state tells no secrets', async () => {
  await using simulator = await startOn('http://127.0.0.1:1/wechat');
  const { text } = await call(`${simulator.url}/simulator/state`);
  for (const secret of [account.token, appSecret, account.encodingAESKey]) expect(text).not.toContain(secret);
});

test('the log gets neither texts nor whole openids', async () => {
  const logged: unknown[] = [];
  await using receiver = await startFakeReceiver(() => 'success');
  await using simulator = await startOn(receiver.url, { log: (event, facts) => logged.push({ event, ...facts }) });
  await simulator.push({ text: 'confidential' });
  expect(logged).toMatchObject([{ event: 'simulator.started' }, { event: 'push.answered', kind: 'success' }]);
  const text = JSON.stringify(logged);
  expect(text).not.toContain('confidential');
  expect(text).not.toContain(simulator.openid);
});

describe('a start that fails', () => {
  test('for a port in use names the setting', async () => {
    await using simulator = await startOn('http://127.0.0.1:1/wechat');
    const port = Number(new URL(simulator.url).port);
    await expect(startOn('http://127.0.0.1:1/wechat', { port })).rejects.toThrow('SIMULATOR_PORT');
  });
  test('for a receiver that is no URL says so', async () => {
    await expect(startOn('localhost:8080/wechat')).rejects.toThrow('not the URL of a receiver');
  });
  test('for a missing key names the setting', async () => {
    const options = {
      host: '127.0.0.1',
      port: 0,
      receiverUrl: 'http://127.0.0.1:1',
      appSecret,
      token: 't',
      appId: 'wx',
    };
    await expect(startSimulator({ ...options, encryption: 'safe' })).rejects.toThrow('WECHAT_ENCODING_AES_KEY');
  });
});
