import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createWeChat, type StandaloneWeChat } from '../../../src/index.ts';
import { type Call, type Server, startServer } from '../server.ts';
import { APP_ID, SECRET } from './table.ts';

/** Five openids, two a page, as WeChat pages them: after the last comes a page without any. */
const ALL = ['o1', 'o2', 'o3', 'o4', 'o5'];
const pageAfter = (after: string) => {
  const start = ALL.indexOf(after) + 1;
  const openid = ALL.slice(start, start + 2);
  return openid.length > 0
    ? { total: ALL.length, count: openid.length, data: { openid }, next_openid: openid.at(-1) }
    : { total: ALL.length, count: 0, next_openid: '' };
};
const cursorOf = ({ query, body }: Call): string => {
  const { next_openid, begin_openid } = body ? JSON.parse(body) : Object.fromEntries(query);
  return next_openid ?? begin_openid ?? '';
};

let server: Server;
let wechat: StandaloneWeChat;
let answer: (call: Call) => object;
beforeAll(async () => {
  server = await startServer((call) =>
    call.path === '/cgi-bin/stable_token' ? { access_token: 'T', expires_in: 7200 } : answer(call),
  );
  wechat = createWeChat({ appId: APP_ID, appSecret: SECRET, baseUrl: server.url });
  await wechat.warm();
});
afterAll(async () => {
  await wechat.close();
  await server.close();
});
beforeEach(() => {
  server.calls.length = 0;
  answer = (call) => pageAfter(cursorOf(call));
});

async function collect(list: AsyncIterable<string>, most = Number.POSITIVE_INFINITY): Promise<string[]> {
  const found: string[] = [];
  for await (const openid of list) {
    found.push(openid);
    if (found.length >= most) break;
  }
  return found;
}

describe.each([
  ['followers', (w: StandaloneWeChat) => w.users.list()],
  ['users of a tag', (w: StandaloneWeChat) => w.tags.users(134)],
  ['the blacklist', (w: StandaloneWeChat) => w.blacklist.list()],
])('%s', (_, list) => {
  test('come page after page, each once', async () => {
    expect(await collect(list(wechat))).toEqual(ALL);
    expect(server.calls.map(cursorOf)).toEqual(['', 'o2', 'o4', 'o5']);
  });

  test('are fetched no further than they are read', async () => {
    expect(await collect(list(wechat), 2)).toEqual(['o1', 'o2']);
    expect(server.calls).toHaveLength(1);
  });

  test('may be nobody', async () => {
    answer = () => ({ total: 0, count: 0, next_openid: '' });
    expect(await collect(list(wechat))).toEqual([]);
  });

  test('end with a page that points to itself', async () => {
    answer = () => ({ total: 1, count: 1, data: { openid: ['o1'] }, next_openid: 'o1' });
    expect(await collect(list(wechat))).toEqual(['o1', 'o1']);
  });

  test('end with the error of a page, after those before it', async () => {
    answer = (call) => (cursorOf(call) ? { errcode: 45009, errmsg: 'reach max api daily quota limit' } : pageAfter(''));
    const found: string[] = [];
    const reading = async () => {
      for await (const openid of list(wechat)) found.push(openid);
    };
    await expect(reading()).rejects.toMatchObject({ errcode: 45009 });
    expect(found).toEqual(['o1', 'o2']);
  });
});
