// Tools of a machine without the AppSecret, through a gateway that has it.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChild } from '../helpers/child.ts';
import { APP_ID, createPlace, keyOf, type RunningGateway, startWeChatServer } from './harness.ts';

const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(300_000)]);

let wechat: Awaited<ReturnType<typeof startWeChatServer>>;
let place: ReturnType<typeof createPlace>;
let gateway: RunningGateway;
let folder: string;
let arrived = Buffer.alloc(0);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wxrelay-tools-'));
  wechat = await startWeChatServer(async ({ path }, request, response) => {
    if (path === '/cgi-bin/media/get') return void response.setHeader('content-type', 'image/png').end(png);
    arrived = await buffer(request);
    return { errcode: 0, errmsg: 'ok', media_id: 'MEDIA' };
  });
  place = createPlace([{ name: 'tools', allow: ['/cgi-bin/media/*', '/cgi-bin/menu/delete'] }], wechat.url);
  gateway = await place.start();
});
afterAll(async () => {
  await place.close();
  await wechat.close();
  rmSync(folder, { recursive: true });
});

async function run(...args: string[]) {
  const env = { WECHAT_APP_ID: APP_ID, WECHAT_GATEWAY_URL: gateway.url, WECHAT_GATEWAY_KEY: keyOf('tools') };
  const child = startChild(args, env, folder);
  return { code: await child.ended, output: child.lines.join('\n') };
}

test('a tool calls, uploads and downloads, byte for byte', async () => {
  expect(await run('menu', 'delete')).toEqual({ code: 0, output: 'Deleted.' });
  writeFileSync(join(folder, 'a.png'), png);
  expect(await run('media', 'upload', 'a.png')).toEqual({ code: 0, output: 'MEDIA' });
  expect(arrived.includes(png)).toBe(true);
  expect(await run('media', 'get', 'MEDIA', '--out', 'b.png')).toEqual({ code: 0, output: 'Saved: b.png' });
  expect(readFileSync(join(folder, 'b.png')).equals(png)).toBe(true);
  expect(wechat.issued).toHaveLength(1);
});

test('a tool whose key may not call this says what to allow', async () => {
  const { code, output } = await run('menu', 'get');
  expect([code, output]).toEqual([1, expect.stringContaining('990403')]);
  expect(output).toContain('/cgi-bin/menu/get');
});
