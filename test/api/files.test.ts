import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Api } from '../../src/api/api.ts';
import { composeWeChat } from '../../src/api/client.ts';
import { NetworkError } from '../../src/api/errors.ts';
import type { FileDownload, Http } from '../../src/api/http.ts';
import { createMaterialApi, type MaterialApi } from '../../src/api/material.ts';
import { createMediaApi, type MediaApi, type MediaType } from '../../src/api/media.ts';
import type { TokenSource } from '../../src/api/token-source.ts';
import type { UploadSource } from '../../src/api/upload.ts';
import type { Answering, Call } from './server.ts';
import { useTokens } from './token-harness.ts';

const KB = 1024;
const MB = KB * KB;

const world = useTokens();
let media: MediaApi;
let material: MaterialApi;
let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'wxrelay-files-'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));
beforeEach(() => {
  const { http, tokens } = world.startProcess();
  const api = apiOf(http, tokens);
  media = createMediaApi(api);
  material = createMaterialApi(api);
});

/** The API of an account: the token is added, and a call whose token is refused is repeated with a fresh one. */
function apiOf(http: Http, tokens: TokenSource): Api {
  return composeWeChat({ http, tokens, appId: 'wx0123456789abcdef' });
}

/** Answers calls of the API, while tokens are given out beside. */
const answer = (answering: Answering) =>
  world.server.answerWith((call, response) =>
    call.path === '/cgi-bin/stable_token' ? world.issue(call, response) : answering(call, response),
  );
const asked = () => world.server.calls.filter(({ path }) => path !== '/cgi-bin/stable_token');
const uploaded: Answering = () => ({ type: 'image', media_id: 'MEDIA', created_at: 1 });

/** The fields of a multipart body, as the platform's own parser reads them. */
async function fieldsOf({ bytes, headers }: Call) {
  const response = new Response(new Uint8Array(bytes), { headers: { 'content-type': headers['content-type'] ?? '' } });
  return response.formData();
}

const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const BEGINNINGS = {
  png: '89504e470d0a1a0a',
  jpg: 'ffd8ffe0',
  gif: '474946383961',
  bmp: '424d0102030400000000',
  amr: '2321414d520a',
  mp3: '494433040000',
  wma: '3026b2758e66cf11',
  wav: '524946460000000057415645',
  mp4: '0000001866747970',
};
type Format = keyof typeof BEGINNINGS;
const fileOf = (format: Format, size = 5000) => {
  const beginning = Buffer.from(BEGINNINGS[format], 'hex');
  return Buffer.concat([beginning, randomBytes(size - beginning.length)]);
};

describe('an upload', () => {
  const bytes = fileOf('png', 300_001);
  const sources: [string, () => UploadSource][] = [
    ['a file', () => ({ file: join(dir, '图 片.png') })],
    ['bytes', () => ({ bytes, filename: '图 片.png' })],
    ['a stream whose length is known', () => ({ stream: pieces(bytes), filename: '图 片.png', length: bytes.length })],
    ['a stream whose length is not known', () => ({ stream: pieces(bytes), filename: '图 片.png' })],
  ];
  const pieces = (whole: Buffer) =>
    Readable.from(Array.from({ length: 31 }, (_, n) => whole.subarray(n * 10_000, (n + 1) * 10_000)));
  beforeAll(() => writeFileSync(join(dir, '图 片.png'), bytes));

  test.each(sources)('of %s arrives byte for byte, with its length, name and type', async (_, source) => {
    answer(uploaded);
    expect(await media.upload('image', source())).toEqual({ type: 'image', media_id: 'MEDIA', created_at: 1 });
    const [call] = asked() as [Call];
    expect(call).toMatchObject({ method: 'POST', path: '/cgi-bin/media/upload' });
    expect(call.query.get('type')).toBe('image');
    expect(call.query.get('access_token')).toBe(world.newest());
    expect(call.headers['content-length']).toBe(String(call.bytes.length));
    expect(call.headers['transfer-encoding']).toBeUndefined();
    const file = (await fieldsOf(call)).get('media') as File;
    expect([file.name, file.type, file.size]).toEqual(['图 片.png', 'image/png', bytes.length]);
    expect(sha(new Uint8Array(await file.arrayBuffer()))).toBe(sha(bytes));
  });

  test.each(sources)('of %s is sent again, whole, after its token was refused', async (_, source) => {
    answer((call, response) => (asked().length === 1 ? { errcode: 42001 } : uploaded(call, response)));
    await media.upload('image', source());
    const files = await Promise.all(asked().map(async (call) => (await fieldsOf(call)).get('media') as File));
    for (const file of files) expect(sha(new Uint8Array(await file.arrayBuffer()))).toBe(sha(bytes));
    expect(files).toHaveLength(2);
  });

  test('is named after what it holds: WeChat goes by the ending (40113)', async () => {
    answer(uploaded);
    await media.upload('image', { bytes: fileOf('jpg'), filename: 'photo.PNG' });
    await media.upload('image', { bytes: fileOf('gif') });
    const names = await Promise.all(asked().map(async (call) => ((await fieldsOf(call)).get('media') as File).name));
    expect(names).toEqual(['photo.jpg', 'image.gif']);
  });

  test('of a thumb gives a media_id, whatever WeChat calls it', async () => {
    answer(() => ({ type: 'thumb', thumb_media_id: 'THUMB', created_at: 1 }));
    expect(await media.upload('thumb', { bytes: fileOf('jpg') })).toMatchObject({ media_id: 'THUMB' });
  });

  test('of a video for good has its description beside it, in raw UTF-8', async () => {
    answer(() => ({ media_id: 'VIDEO' }));
    await material.addVideo({ bytes: fileOf('mp4') }, { title: '标题', introduction: '"介绍"' });
    const [call] = asked() as [Call];
    expect([call.path, call.query.get('type')]).toEqual(['/cgi-bin/material/add_material', 'video']);
    const fields = await fieldsOf(call);
    expect(fields.get('description')).toBe('{"title":"标题","introduction":"\\"介绍\\""}');
    expect((fields.get('media') as File).type).toBe('video/mp4');
    expect(call.body).toContain('标题');
  });

  test('whose answer never comes, or is cut, is in doubt', async () => {
    answer((_, response) => void response.destroy());
    const error = await media.upload('image', { bytes: fileOf('png') }).catch((thrown) => thrown);
    expect(error).toMatchObject({ name: 'NetworkError', inDoubt: true, api: '/cgi-bin/media/upload' });
  });
});

describe('what WeChat would refuse is refused before a byte is sent, with what is allowed', () => {
  const allowed: Record<MediaType, Format[]> = {
    image: ['png', 'jpg', 'gif'],
    voice: ['amr', 'mp3'],
    video: ['mp4'],
    thumb: ['jpg'],
  };

  test('formats, by their content', async () => {
    answer(uploaded);
    for (const [type, formats] of Object.entries(allowed) as [MediaType, Format[]][])
      for (const format of Object.keys(BEGINNINGS) as Format[]) {
        const uploading = media.upload(type, { bytes: fileOf(format), filename: `x.${formats[0]}` });
        if (formats.includes(format)) await uploading;
        else
          await expect(uploading).rejects.toThrow(
            `This ${type} is a ${format} file: WeChat takes ${formats.join(', ')} here.`,
          );
      }
    expect(asked()).toHaveLength(7);
  });

  test('a file of no known format, but for an mp3, which may begin with anything', async () => {
    answer(uploaded);
    const bytes = Buffer.from('hello, this is no picture');
    await expect(media.upload('image', { bytes, filename: 'x.png' })).rejects.toThrow('of no known format');
    expect(asked()).toHaveLength(0);
    await media.upload('voice', { bytes, filename: 'x.mp3' });
  });

  const limits: [string, number, (source: UploadSource) => Promise<unknown>, Format, string][] = [
    ['an image', 10 * MB, (source) => media.upload('image', source), 'png', '10 MB'],
    ['a voice', 2 * MB, (source) => media.upload('voice', source), 'amr', '2 MB'],
    ['a video', 10 * MB, (source) => media.upload('video', source), 'mp4', '10 MB'],
    ['a thumb', 64 * KB, (source) => media.upload('thumb', source), 'jpg', '64 KB'],
    ['an image for good', 10 * MB, (source) => material.add('image', source), 'bmp', '10 MB'],
    ['a voice for good', 2 * MB, (source) => material.add('voice', source), 'wma', '2 MB'],
  ];
  test.each(limits)('%s of more than %i bytes', async (_, max, upload, format, shown) => {
    answer(uploaded);
    await expect(upload({ bytes: fileOf(format, max + 1) })).rejects.toThrow(`WeChat takes ${shown} (${max} bytes)`);
    await expect(upload({ stream: Readable.from([fileOf(format)]), length: max + 1 })).rejects.toThrow(shown);
    expect(asked()).toHaveLength(0);
    await upload({ bytes: fileOf(format, max) });
    expect(asked()).toHaveLength(1);
  });

  test('a stream that does not end, as soon as it is over the limit', async () => {
    async function* endless() {
      for (;;) yield Buffer.alloc(10_000);
    }
    await expect(media.upload('thumb', { stream: Readable.from(endless()) })).rejects.toThrow('64 KB');
    expect(asked()).toHaveLength(0);
  });

  test('an article’s picture that has not less than 1 MB, or is no jpg or png', async () => {
    answer(() => ({ url: 'https://mmbiz.qpic.cn/x' }));
    await expect(material.uploadImage({ bytes: fileOf('png', MB) })).rejects.toThrow('too big');
    await expect(material.uploadImage({ bytes: fileOf('gif') })).rejects.toThrow('jpg, png');
    expect(await material.uploadImage({ bytes: fileOf('png', MB - 1) })).toEqual({ url: 'https://mmbiz.qpic.cn/x' });
  });

  test('an empty file, one that is not there, and a stream that is shorter than was said', async () => {
    await expect(media.upload('image', { bytes: new Uint8Array() })).rejects.toThrow('empty');
    await expect(media.upload('image', { file: join(dir, 'none.png') })).rejects.toThrow('cannot be read');
    const short = { stream: Readable.from([fileOf('png', 100)]), length: 200 };
    await expect(media.upload('image', short)).rejects.toThrow('was to have 200 bytes, its stream had 100');
    expect(asked()).toHaveLength(0);
  });
});

describe('a download', () => {
  const bytes = fileOf('jpg', 3_000_000);

  test('arrives byte for byte, with its name and type', async () => {
    answer((_, response) => {
      response.setHeader('content-type', 'image/jpeg');
      response.setHeader('content-disposition', 'attachment; filename="MEDIA.jpg"');
      response.end(bytes);
    });
    const file = (await media.get('MEDIA')) as FileDownload;
    expect(file).toMatchObject({ kind: 'file', contentType: 'image/jpeg', filename: 'MEDIA.jpg' });
    expect(sha(await buffer(file.stream))).toBe(sha(bytes));
    const [call] = asked() as [Call];
    expect([call.method, call.path, call.query.get('media_id')]).toEqual(['GET', '/cgi-bin/media/get', 'MEDIA']);
  });

  test('is a file whatever type is written on it, and an errcode likewise', async () => {
    answer((_, response) => void response.setHeader('content-type', 'text/plain').end(bytes));
    expect(sha(await buffer(((await media.get('M')) as FileDownload).stream))).toBe(sha(bytes));
    answer((_, response) => {
      response.setHeader('content-type', 'image/jpeg').end('{"errcode":40007,"errmsg":"invalid media_id"}');
    });
    await expect(media.get('M')).rejects.toMatchObject({ name: 'ApiError', errcode: 40007 });
  });

  test('of a video is the JSON that says where it lies', async () => {
    answer((_, response) => void response.setHeader('content-type', 'text/plain').end('{"video_url":"http://v/1"}'));
    expect(await media.get('V')).toEqual({ kind: 'json', json: { video_url: 'http://v/1' } });
  });

  test('whose token is refused is asked for again', async () => {
    answer((_, response) => (asked().length === 1 ? { errcode: 40001 } : void response.end(bytes)));
    expect(sha(await buffer(((await media.getJssdk('M')) as FileDownload).stream))).toBe(sha(bytes));
    expect(asked().map(({ path }) => path)).toEqual(['/cgi-bin/media/get/jssdk', '/cgi-bin/media/get/jssdk']);
  });

  test.each([
    ['with a length', { 'content-length': bytes.length }],
    ['in chunks', { 'transfer-encoding': 'chunked' }],
  ])('that is cut, %s, ends in an error that names no token, never in a short file', async (_, headers) => {
    answer((_call, response) => {
      response.writeHead(200, headers).write(bytes.subarray(0, 1_000_000), () => response.destroy());
    });
    const file = (await media.get('M')) as FileDownload;
    const error = await buffer(file.stream).then(
      () => undefined,
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(NetworkError);
    expect(`${error.stack}${JSON.stringify(error)}`).not.toContain('TOKEN-');
  });

  test('of which nobody could tell whether it is whole is refused', async () => {
    answer((_, response) => {
      response.socket?.end(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${bytes.subarray(0, 100).toString('latin1')}`);
    });
    await expect(media.get('M')).rejects.toThrow('without its length');
  });

  test.each<[string, Answering]>([
    ['nothing', (_, response) => void response.end()],
    ['a page', (_, response) => void response.setHeader('content-type', 'text/html').end('<html>busy</html>')],
    ['502', (_, response) => void response.writeHead(502).end('bad gateway')],
  ])('that is %s is an error', async (_, answering) => {
    answer(answering);
    await expect(material.get('M')).rejects.toBeInstanceOf(NetworkError);
    expect(asked()).toHaveLength(1);
  });

  test('that its reader gives up leaves the next call alone', async () => {
    answer((_, response) => void response.end(bytes));
    ((await media.get('M')) as FileDownload).stream.destroy();
    expect(sha(await buffer(((await media.get('M')) as FileDownload).stream))).toBe(sha(bytes));
  });
});

describe('kept files', () => {
  test('are listed, counted and deleted', async () => {
    answer(() => ({ total_count: 1, item_count: 1, item: [{ media_id: 'M', name: 'a.png', update_time: 1 }] }));
    expect((await material.batchGet({ type: 'image' })).item[0]?.media_id).toBe('M');
    expect(JSON.parse(asked()[0]!.body)).toEqual({ type: 'image', offset: 0, count: 20 });
    answer(() => ({ voice_count: 1, video_count: 2, image_count: 3, news_count: 4 }));
    expect(await material.count()).toMatchObject({ news_count: 4 });
    answer(() => ({ errcode: 0, errmsg: 'ok' }));
    await material.delete('M');
    expect(JSON.parse(asked().at(-1)!.body)).toEqual({ media_id: 'M' });
    await expect(material.batchGet({ type: 'image', count: 21 })).rejects.toThrow('1 to 20');
  });
});
