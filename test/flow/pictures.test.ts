// Pictures in Markdown: messages of their own where the account may send and the picture can be had, else links at once.
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, type TestContext, test } from 'vitest';
import { startChild } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { createHeldWorld, createWorld, shareWorld, type World } from '../helpers/world.ts';

const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from('a picture')]);
const WEBP = Buffer.from('524946460000000057454250', 'hex');
const CIRCLE = 'g.png';
const UPLOAD = '/cgi-bin/media/upload';
const SEND = '/cgi-bin/message/custom/send';
const openidOf = (n: number) => `oPicture${String(n).padStart(20, '0')}`;
const link = (url: string) => `<a href="${url}">图</a>`;

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What a follower got, in order: texts, and `image`. */
const got = (world: World, openid: string) =>
  world.simulator
    .state()
    .messages.filter((message) => message.openid === openid && message.errcode === 0)
    .map(({ body }) => body as { msgtype: string; text?: { content: string } })
    .map(({ msgtype, text }) => text?.content ?? msgtype);

const fault = (world: World, body: object) =>
  fetch(`${world.simulator.url}/simulator/fault`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

async function dead(world: World): Promise<unknown[]> {
  const child = startChild(['queue', 'list', '--json'], world.env);
  await child.ended;
  return child.lines;
}

describe('an account that may send', { concurrent: true, timeout: 60_000 }, () => {
  const world = shareWorld(() => createWorld({ env: { WXRELAY_FETCH_PRIVATE: 'on' } }));

  test('a picture between two texts arrives between them', async (t) => {
    const site = await serve(t, (_, response) => response.end(PNG));
    await world().push({ openid: openidOf(1), text: `illustrated 前\n\n![图](${site}/a.png)\n\n后` });
    await eventually(() => t.expect(got(world(), openidOf(1))).toEqual(['前', 'image', '后']));
  });

  test('a window that does not take all of it gets the links', async (t) => {
    let asked = 0;
    const site = await serve(t, (_, response) => {
      asked++;
      response.end(PNG);
    });
    const picture = (n: number) => `![图](${site}/${n}.png)`;
    await world().push({ openid: openidOf(2), text: `illustrated 一\n${picture(1)}\n二\n${picture(2)}\n三` });
    const links = `一\n${link(`${site}/1.png`)}\n二\n${link(`${site}/2.png`)}\n三`;
    await eventually(() => t.expect(got(world(), openidOf(2))).toEqual([links]));
    t.expect(asked).toBe(0);
  });

  test.for<[string, string, RequestListener]>([
    ['answers 500', 'a.png', (_, response) => response.writeHead(500).end()],
    ['answers 404', 'b.png', (_, response) => response.writeHead(404).end()],
    ['gives a webp', 'c.png', (_, response) => response.end(WEBP)],
    ['gives a page', 'd.png', (_, response) => response.end('<html>no</html>')],
    ['hangs up', 'e.png', (request) => request.socket.destroy()],
    ['hangs', 'f.png', () => undefined],
    ['goes round in a circle', CIRCLE, (_, response) => response.writeHead(302, { location: CIRCLE }).end()],
    ['has an address that encodes nothing', '%zz.png', (_, response) => response.end(PNG)],
  ])('the picture of a host that %s is a link at once, in its place', async ([, path, listener], t) => {
    const urls: string[] = [];
    const site = await serve(t, (request, response) => {
      urls.push(request.url ?? '');
      listener(request, response);
    });
    const url = `${site}/${path}`;
    const openid = openidOf(100 + path.charCodeAt(0));
    await world().push({ openid, text: `illustrated 前\n\n![图](${url})\n\n后` });
    await world().push({ openid, text: 'illustrated 下一个' });
    await eventually(() => t.expect(got(world(), openid)).toEqual(['前', link(url), '后', '下一个']), 40_000);
    // Redirects are followed within one try.
    t.expect(urls.length).toBeLessThanOrEqual(path === CIRCLE ? 4 : 1);
  });

  test('a host that hangs is asked for a handful at once, and holds nobody else', async (t) => {
    const waiting: ServerResponse[] = [];
    const site = await serve(t, (_, response) => void waiting.push(response));
    const url = `${site}/a.png`;
    const many = Array.from({ length: 12 }, (_, n) => openidOf(300 + n));
    await Promise.all(many.map((openid) => world().push({ openid, text: `illustrated ![图](${url})` })));
    await eventually(() => t.expect(waiting).toHaveLength(4));
    await world().push({ openid: openidOf(350), text: 'illustrated 别人' });
    await eventually(() => t.expect(got(world(), openidOf(350))).toEqual(['别人']));
    t.expect(many.flatMap((openid) => got(world(), openid))).toEqual([]);
    await eventually(() => {
      for (const openid of many) t.expect(got(world(), openid)).toEqual([link(url)]);
    }, 45_000);
    t.expect(waiting).toHaveLength(4);
  });

  test('nothing is given up on', async (t) => {
    t.expect(await dead(world())).toEqual([]);
  });
});

describe('WeChat', { timeout: 60_000 }, () => {
  const world = shareWorld(() => createWorld({ env: { WXRELAY_FETCH_PRIVATE: 'on' } }));

  test.for([
    ['fails at an upload', { path: UPLOAD, errcode: -1, times: 9 }],
    ['lets nobody upload', { path: UPLOAD, errcode: 48001, times: 1 }],
    ['has no uploads left today', { path: UPLOAD, errcode: 45009, times: 1 }],
  ] as const)('that %s: the picture is a link', async ([name, what], t) => {
    const site = await serve(t, (_, response) => response.end(Buffer.concat([PNG, Buffer.from(name)])));
    const openid = openidOf(500 + Math.abs(what.errcode));
    await fault(world(), what);
    await world().push({ openid, text: `illustrated 前\n\n![图](${site}/a.png)\n\n后` });
    await eventually(() => t.expect(got(world(), openid)).toEqual(['前', link(`${site}/a.png`), '后']), 30_000);
    await fault(world(), { ...what, times: 0 });
  });
});

describe('an account that cannot send', { timeout: 60_000 }, () => {
  const world = shareWorld(() =>
    createHeldWorld({
      env: { WECHAT_CUSTOMER_SERVICE: 'off', WECHAT_APP_SECRET: '', WXRELAY_FETCH_PRIVATE: 'on', WXRELAY_SPOOL: 'off' },
    }),
  );

  test('replies with the link, and fetches nothing', async (t) => {
    let asked = 0;
    const site = await serve(t, (_, response) => {
      asked++;
      response.end(PNG);
    });
    const { attempts } = await world().push({
      openid: openidOf(600),
      text: `illustrated 前\n\n![图](${site}/a.png)\n\n后`,
    });
    t.expect(attempts.at(-1)?.body).toContain(`前\n\n${link(`${site}/a.png`)}\n\n后`);
    t.expect(asked).toBe(0);
  });
});

describe('an account that may no longer send', { timeout: 60_000 }, () => {
  const world = shareWorld(async () => {
    const made = await createHeldWorld({ env: { WECHAT_CUSTOMER_SERVICE: 'auto', WXRELAY_FETCH_PRIVATE: 'on' } });
    await made.redis.set(`{${made.env['WXRELAY_PREFIX']}:wx0123456789abcdef}:capability`, 'on');
    return made;
  });

  test('says a picture that waits as a link in a reply', async (t) => {
    const site = await serve(t, (_, response) => response.end(PNG));
    const openid = openidOf(700);
    await fault(world(), { path: SEND, openid, errcode: 48001, after: 1 });
    await world().push({ openid, text: `illustrated 前\n\n![图](${site}/a.png)\n\n后` });
    const read = async (by: string) => {
      const { attempts } = await world().push({ openid: by, text: 'illustrated 好' });
      return attempts.at(-1)?.body ?? '';
    };
    await eventually(async () => t.expect(await read(openidOf(701))).toContain('好'), 40_000);
    t.expect(got(world(), openid)).toEqual(['前']);
    t.expect(await read(openid)).toContain(`${link(`${site}/a.png`)}\n\n（之前的回答）\n后\n\n好`);
  });
});
