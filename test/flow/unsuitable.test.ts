// Pictures, sounds and films that WeChat does not take: shown in the next form, and nobody is told sorry.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startChild } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { createWorld, shareWorld } from '../helpers/world.ts';

const MB = 1024 * 1024;
const UPLOAD = '/cgi-bin/media/upload';
const hex = (text: string) => Buffer.from(text).toString('hex');
const box = (brand: string) => `00000020${hex(`ftyp${brand}`)}`;
const PNG = '89504e470d0a1a0a';
const MP3 = '494433040000';

/** How they begin: what they are served as, and what WeChat would be told. */
const PICTURES = {
  webp: [`5249464600000000${hex('WEBP')}`, 'image/webp'],
  heic: [box('heic'), 'image/heic'],
  'heic, of another brand': [box('mif1'), 'image/heic'],
  avif: [box('avif'), 'image/avif'],
  svg: [hex('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'image/svg+xml'],
  'svg, as XML': [hex('<?xml version="1.0"?>\n<!-- a --><!-- b -->\n<svg width="1"/>'), 'image/svg+xml'],
  bmp: ['424d0102030400000000', 'image/bmp'],
  tiff: ['49492a00', 'image/tiff'],
  ico: ['00000100', 'image/x-icon'],
  jxl: ['ff0a', 'image/jxl'],
} as const;
const SOUNDS = {
  ogg: '4f676753',
  wav: `5249464600000000${hex('WAVE')}`,
  m4a: box('M4A '),
  flac: '664c6143',
  aac: 'fff15080',
  wma: '3026b2758e66cf11',
  silk: `02${hex('#!SILK_V3')}`,
};
const FILMS = {
  mov: box('qt  '),
  '3gp': box('3gp5'),
  webm: '1a45dfa3',
  avi: `5249464600000000${hex('AVI ')}`,
  flv: '464c5601',
  'picture like a film': box('heic'),
};

const env = { WXRELAY_FETCH_PRIVATE: 'on' };
const world = shareWorld(async () => {
  const made = await createWorld({ env });
  made.env['PUBLIC_URL'] = new URL(made.receiverUrl).origin;
  return made;
});

/** A place that serves what its path says: `/<hex>/<size>`, under a header that says nothing. */
let site: string;
const server = createServer(({ url = '' }, response) => {
  const [, bytes = '', size = ''] = url.split('/');
  response.setHeader('content-type', 'image/png');
  response.end(Buffer.concat([Buffer.from(bytes, 'hex'), Buffer.alloc(Number(size))]));
});
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

let count = 0;
/** What a follower gets who asks to be shown something. */
async function shown(text: string) {
  const openid = `oShow${String(++count).padStart(23, '0')}`;
  await world().push({ openid, text: `show ${text}` });
  const got = () =>
    world()
      .simulator.state()
      .messages.filter((message) => message.openid === openid && message.errcode === 0);
  await eventually(() => expect(got()).toHaveLength(1));
  return got()[0]?.body as { msgtype: string; text: { content: string }; news: { articles: { picurl: string }[] } };
}
const linkIn = (body: { text: { content: string } }) => /^<a href="([^"]+)">/.exec(body.text?.content)?.[1] ?? '';
const typeAt = async (url: string) => (await fetch(url)).headers.get('content-type');

describe('a picture at an address leads there:', () => {
  test.each(Object.entries(PICTURES))('%s', async (_, [bytes]) => {
    const url = `${site}/${bytes}/100`;
    const body = await shown(`image url ${url}`);
    expect(body).toMatchObject({ msgtype: 'news', news: { articles: [{ picurl: url, url }] } });
  });
  test.each([
    ['png of more than 10 MB', `${PNG}/${10 * MB}`],
    ['film', `${box('isom')}/100`],
  ])('%s', async (_, path) => {
    expect(await shown(`image url ${site}/${path}`)).toMatchObject({
      news: { articles: [{ url: `${site}/${path}` }] },
    });
  });
});

describe('bytes of a picture are shown from the receiver:', () => {
  test.each(Object.entries(PICTURES))('%s', async (_, [bytes, type]) => {
    const { news } = await shown(`image hex ${bytes}`);
    const answer = await fetch(news.articles[0]?.picurl ?? '');
    expect([answer.headers.get('content-type'), answer.headers.get('content-security-policy')]).toEqual([
      type,
      "default-src 'none'; sandbox",
    ]);
  });

  test('more than 10 MB are not kept: a text names the picture', async () => {
    expect(await shown(`image hex ${PNG} ${10 * MB}`)).toMatchObject({
      text: { content: expect.stringMatching(/图片/) },
    });
  });
});

describe('a sound is a link:', () => {
  test.each(Object.entries(SOUNDS))('%s, at an address', async (_, bytes) => {
    expect(linkIn(await shown(`voice url ${site}/${bytes}/100`))).toBe(`${site}/${bytes}/100`);
  });
  test.each(Object.entries(SOUNDS))('%s, as bytes', async (_, bytes) => {
    expect(await typeAt(linkIn(await shown(`voice hex ${bytes}`)))).toMatch(/^audio\//);
  });
  test('mp3 of more than 2 MB', async () => {
    expect(linkIn(await shown(`voice url ${site}/${MP3}/${2 * MB}`))).toBe(`${site}/${MP3}/${2 * MB}`);
    expect(await typeAt(linkIn(await shown(`voice hex ${MP3} ${2 * MB}`)))).toBe('audio/mpeg');
  });
});

describe('a film is a link:', () => {
  test.each(Object.entries(FILMS))('%s, at an address', async (_, bytes) => {
    expect(linkIn(await shown(`video url ${site}/${bytes}/100`))).toBe(`${site}/${bytes}/100`);
  });
  test.each(Object.entries(FILMS))('%s, as bytes', async (_, bytes) => {
    expect(await typeAt(linkIn(await shown(`video hex ${bytes}`)))).toMatch(/^(video|image)\//);
  });
  test('mp4 of more than 10 MB', async () => {
    const path = `${box('isom')}/${10 * MB}`;
    expect(linkIn(await shown(`video url ${site}/${path}`))).toBe(`${site}/${path}`);
  });
  test.each([
    ['whose thumb is no jpg', `hex ${PNG}`],
    ['whose thumb is too big', `hex ffd8ffe0 ${65 * 1024}`],
    ['whose thumb is no jpg, at an address', ''],
  ])('one %s', async (_, thumb) => {
    expect(await typeAt(linkIn(await shown(`thumb ${thumb || `url ${site}/${PNG}/100`}`)))).toBe('video/mp4');
  });
});

test.each([
  ['as bytes', () => `hex ${PNG}`],
  ['at an address', () => `url ${site}/${PNG}/100`],
])('music goes without a thumb that WeChat does not take: %s', async (_, thumb) => {
  const body = await shown(`song ${thumb()}`);
  expect(body).toMatchObject({ msgtype: 'music' });
  expect(JSON.stringify(body)).not.toContain('thumb_media_id');
});

/** The next call of an API is refused. */
const fault = (path: string, errcode: number) =>
  fetch(`${world().simulator.url}/simulator/fault`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ path, errcode, times: 1 }),
  });

test('music goes without its thumb where the account may not upload', async () => {
  await fault(UPLOAD, 48001);
  const body = await shown('song hex ffd8ffe0');
  expect(body).toMatchObject({ msgtype: 'music', music: { title: 'a song' } });
  expect(JSON.stringify(body)).not.toContain('thumb_media_id');
});

test('music that WeChat refuses without a thumb is a link', async () => {
  await fault('/cgi-bin/message/custom/send', 40007);
  expect(linkIn(await shown(`song hex ${PNG}`))).toBe('https://a.example/m.mp3');
});

test('a picture that WeChat itself refuses is shown in the next form', async () => {
  await fault(UPLOAD, 40009);
  expect(await shown(`image hex ${PNG}ff`)).toMatchObject({ msgtype: 'news' });
});

test('what is no picture stays a mistake, whatever its header says', async () => {
  const { text } = await shown(`image url ${site}/${hex('<html>not found</html>')}/0`);
  expect(text.content).toContain('抱歉');
  const list = startChild(['queue', 'list', '--json'], world().env);
  await list.ended;
  // And nothing else of this file has been given up on.
  expect(list.lines.map((line) => JSON.parse(line).reason)).toEqual([expect.stringContaining('no known format')]);
});
