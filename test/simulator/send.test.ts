import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { call, send, stableToken, startOn, stateOf, text } from './client.ts';
import { startFakeReceiver } from './fake-receiver.ts';

let receiver: Awaited<ReturnType<typeof startFakeReceiver>>;
let simulator: Simulator;
let token: string;

beforeEach(async () => {
  receiver = await startFakeReceiver(() => 'success');
  simulator = await startOn(receiver.url);
  token = await stableToken(simulator);
});
afterEach(async () => {
  await simulator.close();
  await receiver.close();
});

describe('a message', () => {
  beforeEach(() => simulator.push({ text: 'hello' }));
  const sent = (body: object) => send(simulator, token, { touser: simulator.openid, ...body });

  test.each([
    { msgtype: 'text', text: { content: 'x'.repeat(2048) } },
    { msgtype: 'image', image: { media_id: 'M' } },
    { msgtype: 'voice', voice: { media_id: 'M' } },
    { msgtype: 'video', video: { media_id: 'M', thumb_media_id: 'T' } },
    { msgtype: 'music', music: { musicurl: 'http://x' } },
    { msgtype: 'music', music: { musicurl: 'http://x', hqmusicurl: 'http://x', thumb_media_id: 'T' } },
    { msgtype: 'news', news: { articles: [{ title: 't', url: 'http://x' }] } },
    { msgtype: 'mpnews', mpnews: { media_id: 'M' } },
    { msgtype: 'mpnewsarticle', mpnewsarticle: { article_id: 'A' } },
    { msgtype: 'msgmenu', msgmenu: { list: [{ id: '1', content: 'yes' }] } },
    { msgtype: 'wxcard', wxcard: { card_id: 'C' } },
    { msgtype: 'miniprogrampage', miniprogrampage: { title: 't', appid: 'wx', pagepath: 'p', thumb_media_id: 'T' } },
  ])('of type $msgtype is taken', async (body) => {
    expect(await sent(body)).toBe(0);
  });

  test.each([
    ['empty text', { msgtype: 'text', text: { content: '' } }, 44004],
    ['2049 bytes of text', { msgtype: 'text', text: { content: 'x'.repeat(2049) } }, 45002],
    ['2049 bytes of Chinese', { msgtype: 'text', text: { content: '字'.repeat(683) } }, 45002],
    ['an image without media_id', { msgtype: 'image', image: {} }, 40007],
    ['a video without its thumbnail', { msgtype: 'video', video: { media_id: 'M' } }, 40007],
    ['music with an empty thumbnail', { msgtype: 'music', music: { thumb_media_id: '' } }, 40007],
    ['two articles', { msgtype: 'news', news: { articles: [{}, {}] } }, 45008],
    ['no article', { msgtype: 'news', news: { articles: [] } }, 44003],
    ['an empty menu', { msgtype: 'msgmenu', msgmenu: { list: [] } }, 44005],
    ['an unknown type', { msgtype: 'toString', toString: {} }, 40008],
    ['a type for mini-programs', { msgtype: 'link', link: {} }, 48008],
    ['an unknown follower', { touser: 'oNobody', msgtype: 'text', text: { content: 'x' } }, 40003],
    ['no follower', { touser: undefined, msgtype: 'text', text: { content: 'x' } }, 40003],
  ])('with %s is refused', async (_, body, errcode) => {
    expect(await sent(body)).toBe(errcode);
  });

  test('has to be POSTed JSON in UTF-8', async () => {
    const url = `${simulator.url}/cgi-bin/message/custom/send?access_token=${token}`;
    const invalid = { method: 'POST', body: new Uint8Array([0x7b, 0xff, 0x7d]) };
    const answers = [call(url), call(url, ''), call(url, '{'), call(url, '[]'), call(url, '', invalid)];
    const errcodes = (await Promise.all(answers)).map(({ json }) => json.errcode);
    expect(errcodes).toEqual([43002, 44002, 47001, 47001, 40033]);
  });

  test('is kept as it came, with its time and what it was answered', async () => {
    const body = text(simulator.openid, '多谢');
    await send(simulator, token, body);
    await send(simulator, token, text('oNobody'));
    const { messages, counters } = await stateOf(simulator);
    expect(messages).toMatchObject([
      { openid: simulator.openid, body, errcode: 0, errmsg: 'ok', notes: [], at: expect.any(Number) },
      { openid: 'oNobody', errcode: 40003 },
    ]);
    expect(counters.sends).toBe(1);
  });

  test('written with needless \\uXXXX escapes is taken, but noted', async () => {
    const noted = async (content: string) => {
      await send(simulator, token, `{"touser":"${simulator.openid}","msgtype":"text","text":{"content":"${content}"}}`);
      return (await stateOf(simulator)).messages.at(-1)!.notes.length;
    };
    expect(await noted('\\u4f60\\u597d')).toBe(1);
    expect(await noted('你好 \\u0007 \\\\u4f60')).toBe(0);
  });

  test('is answered ok, without an id', async () => {
    const url = `${simulator.url}/cgi-bin/message/custom/send?access_token=${token}`;
    expect((await call(url, text(simulator.openid))).json).toEqual({ errcode: 0, errmsg: 'ok' });
  });
});

test.each(['message/custom/business/send', 'menu/get', 'openapi/quota/get'])(
  'a path that the simulator does not have (%s) is answered in WeChat’s way, and says whose lack it is',
  async (path) => {
    expect((await call(`${simulator.url}/cgi-bin/${path}`, '{}')).json).toEqual({
      errcode: 40066,
      errmsg: expect.stringContaining('invalid url: the simulator does not have this API'),
    });
  },
);
