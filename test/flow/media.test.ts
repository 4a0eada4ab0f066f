// Pictures, sounds and films that a handler returns as bytes, files and addresses: uploaded when they are sent.
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, type TestContext, test } from 'vitest';
import { startChild } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { createWorld, type World } from '../helpers/world.ts';

const SEND = '/cgi-bin/message/custom/send';
const UPLOAD = '/cgi-bin/media/upload';
const openidOf = (n: number) => `oMedia${String(n).padStart(22, '0')}`;
const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from('from a file')]);

async function open(t: TestContext, env: Record<string, string> = {}): Promise<World> {
  const world = await createWorld();
  t.onTestFinished(() => world.close());
  Object.assign(world.env, { PUBLIC_URL: new URL(world.receiverUrl).origin, WXRELAY_FETCH_PRIVATE: 'on', ...env });
  await Promise.all([world.start('receiver'), world.start('worker')]);
  return world;
}

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const bodies = (world: World) =>
  world.simulator
    .state()
    .messages.filter(({ errcode }) => errcode === 0)
    .map(({ body }) => body as { msgtype: string; [part: string]: unknown });
const uploads = (world: World) => world.simulator.state().media;
const calls = (world: World, path: string) => world.simulator.state().calls[path]?.answers ?? {};
const fault = (world: World, body: object) =>
  fetch(`${world.simulator.url}/simulator/fault`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const dead = async (world: World) => {
  const child = startChild(['queue', 'list', '--json'], world.env);
  await child.ended;
  return child.lines.map((line) => JSON.parse(line));
};
const blobs = (world: World) => world.redis.keys(`{${world.env['WXRELAY_PREFIX']}:0}:blob:*`);

describe.concurrent('media at delivery', { timeout: 90_000 }, () => {
  test('bytes are uploaded and sent, once for the same content, and go from Redis', async (t) => {
    const world = await open(t);
    await world.push({ openid: openidOf(1), text: 'picture bytes a' });
    await eventually(() => t.expect(bodies(world)).toHaveLength(1));
    await world.push({ openid: openidOf(2), text: 'picture bytes a' });
    await eventually(() => t.expect(bodies(world)).toHaveLength(2));
    const [media] = uploads(world);
    t.expect(uploads(world)).toMatchObject([{ type: 'image', filename: 'image.png' }]);
    t.expect(bodies(world).map(({ image }) => image)).toEqual([{ media_id: media?.id }, { media_id: media?.id }]);
    await eventually(async () => t.expect(await blobs(world)).toEqual([]));
  });

  test('a film has its thumb, a song too, and what is said before comes before', async (t) => {
    const world = await open(t);
    await world.push({ openid: openidOf(3), text: 'film bytes' });
    await world.push({ openid: openidOf(3), text: 'song bytes' });
    await eventually(() => t.expect(bodies(world).map(({ msgtype }) => msgtype)).toEqual(['text', 'video', 'music']));
    const idOf = (type: string) => uploads(world).find((one) => one.type === type)?.id;
    t.expect(bodies(world)[1]?.['video']).toEqual({
      media_id: idOf('video'),
      thumb_media_id: idOf('thumb'),
      title: 'a film',
    });
    t.expect(bodies(world)[2]?.['music']).toMatchObject({ thumb_media_id: idOf('thumb'), title: 'a song' });
  });

  test('a file is read by the worker, whatever becomes of it afterwards', async (t) => {
    const world = await open(t);
    const file = `${world.env['RUN_LOG']}.png`;
    writeFileSync(file, PNG);
    await fault(world, { path: UPLOAD, errcode: -1, times: 1 });
    await world.push({ openid: openidOf(4), text: `picture file ${file}` });
    await eventually(() => t.expect(bodies(world)).toHaveLength(1));
    t.expect(uploads(world)).toMatchObject([{ size: PNG.length }]);
    // The upload failed once; the handler ran once.
    t.expect(calls(world, UPLOAD)).toEqual({ '-1': 1, 0: 1 });
    t.expect(world.runs('start')).toHaveLength(1);
  });

  test('an address is fetched when it is sent, a redirect is followed', async (t) => {
    const world = await open(t);
    const url = await serve(t, ({ url: path }, response) => {
      if (path === '/moved') response.writeHead(302, { location: '/there.png' }).end();
      else response.end(PNG);
    });
    await world.push({ openid: openidOf(5), text: `picture url ${url}/moved` });
    await eventually(() => t.expect(bodies(world)).toHaveLength(1));
    t.expect(uploads(world)).toMatchObject([{ filename: 'there.png', size: PNG.length }]);
  });

  test('what is gone from WeChat is uploaded again', async (t) => {
    const world = await open(t);
    await world.push({ openid: openidOf(6), text: 'picture bytes b' });
    await eventually(() => t.expect(bodies(world)).toHaveLength(1));
    await fault(world, { path: SEND, errcode: 40007, times: 1 });
    await world.push({ openid: openidOf(6), text: 'picture bytes b' });
    await eventually(() => t.expect(bodies(world)).toHaveLength(2));
    t.expect(uploads(world)).toHaveLength(2);
  });

  test('what can never be sent waits in dead with the reason, and runs no handler again', async (t) => {
    const world = await open(t, { WXRELAY_FETCH_PRIVATE: 'off' });
    const url = await serve(t, (_, response) => response.end(PNG));
    await world.push({ openid: openidOf(7), text: `picture url ${url}/a.png` });
    await world.push({ openid: openidOf(8), text: 'picture file /nowhere/a.png' });
    await eventually(async () =>
      t
        .expect((await dead(world)).map(({ reason }) => reason))
        .toEqual(
          t.expect.arrayContaining([
            t.expect.stringContaining('private network'),
            t.expect.stringContaining('cannot be read'),
          ]),
        ),
    );
    t.expect(uploads(world)).toEqual([]);
    t.expect(world.runs('start')).toHaveLength(2);
    const told = () => bodies(world).map((body) => (body as { text?: { content: string } }).text?.content);
    await eventually(() => t.expect(told()).toEqual(Array(2).fill(t.expect.stringContaining('抱歉'))));
  });

  test('an account that may upload nothing sends an article that shows the picture', async (t) => {
    const world = await open(t);
    await fault(world, { path: UPLOAD, errcode: 48001, times: 100 });
    await world.push({ openid: openidOf(9), text: 'picture bytes c' });
    await eventually(() => t.expect(bodies(world).map(({ msgtype }) => msgtype)).toEqual(['news']));
    const picUrl = /"picurl":"([^"]+)"/.exec(JSON.stringify(bodies(world)))?.[1];
    const picture = await fetch(picUrl ?? '');
    t.expect([picture.headers.get('content-type'), await picture.text()]).toEqual([
      'image/png',
      t.expect.stringContaining('picture c'),
    ]);
  });

  test('a reply shows it from where it is, for nothing can be uploaded in time', async (t) => {
    const world = await open(t, {
      WECHAT_CUSTOMER_SERVICE: 'off',
      WECHAT_APP_SECRET: '',
      // From a disk no push is held open for its answer.
      WXRELAY_SPOOL: 'off',
    });
    const { attempts } = await world.push({ openid: openidOf(10), text: 'picture bytes d' });
    const picUrl = /<PicUrl><!\[CDATA\[(.*?)\]\]>/.exec(attempts.at(-1)?.body ?? '')?.[1];
    t.expect(await (await fetch(picUrl ?? '')).text()).toContain('picture d');
    const film = await world.push({ openid: openidOf(10), text: 'film bytes' });
    t.expect(film.attempts.at(-1)?.body).toMatch(/look\n\n<a href="http[^"]+">视频：a film<\/a>/);
    // Music needs no thumb.
    const song = await world.push({ openid: openidOf(11), text: 'song bytes' });
    t.expect(song.answer).toMatchObject({ kind: 'reply', reply: { type: 'music', title: 'a song' } });
  });
});
