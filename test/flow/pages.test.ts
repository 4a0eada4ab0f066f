// An answer too long for the chat, where PUBLIC_URL is set: a link, and the page behind it.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Koa from 'koa';
import type { Browser } from 'playwright-core';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import { silentLog } from '../../src/log.ts';
import { createReceiver } from '../../src/receiver/receiver.ts';
import { keepBlob } from '../../src/store/blobs.ts';
import { openInstallation } from '../../src/store/installation.ts';
import { openPages } from '../../src/store/pages.ts';
import { findChromium, launch } from '../helpers/browser.ts';
import { startChild } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { createWorld, type World } from '../helpers/world.ts';

const openidOf = (n: number) => `oPage${String(n).padStart(23, '0')}`;
const chromium = findChromium();

async function open(t: TestContext, env: Record<string, string> = {}): Promise<World> {
  const world = await createWorld({ env });
  t.onTestFinished(() => world.close());
  const more = { PUBLIC_URL: new URL(world.receiverUrl).origin };
  Object.assign(world.env, more);
  await Promise.all([world.start('receiver'), world.start('worker')]);
  return world;
}

const linkIn = (text: string | undefined) => /<a href="([^"]+)">阅读全文<\/a>/.exec(text ?? '')?.[1] ?? '';

/** fetch says no-cache beside if-none-match, which a browser does not. */
async function statusFor(url: string, known: string): Promise<number> {
  const { statusCode, body } = await request(url, { headers: { 'if-none-match': known } });
  await body.dump();
  return statusCode;
}

async function sentLink(t: TestContext, world: World, n: number, text: string): Promise<string> {
  await world.push({ openid: openidOf(n), text });
  return eventually(() => {
    const sent = world.sent().filter(({ openid }) => openid === openidOf(n));
    t.expect(sent).toHaveLength(1);
    t.expect(Buffer.byteLength(sent[0]?.text ?? '')).toBeLessThan(2048);
    const link = linkIn(sent[0]?.text);
    t.expect(link).not.toBe('');
    return link;
  });
}

describe.skipIf(!chromium)('on a phone', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch(chromium as string);
  });
  afterAll(() => browser.close());

  test('the whole answer is there, formatted, with the note that a model made it, and nothing to scroll sideways', async (t) => {
    const world = await open(t);
    const link = await sentLink(t, world, 1, 'markdown 2000');
    const context = await browser.newContext({ viewport: { width: 375, height: 667 }, isMobile: true, hasTouch: true });
    t.onTestFinished(() => context.close());
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('console', (message) => problems.push(message.text()));
    await page.goto(link);
    t.expect(await page.locator('h1').textContent()).toBe('标题');
    t.expect(await page.locator('strong').count()).toBe(2000);
    t.expect(await page.locator('strong').last().textContent()).toBe('第1999段');
    t.expect(await page.locator('footer').textContent()).toBe('内容由AI生成');
    t.expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(375);
    t.expect(problems).toEqual([]);
  });
});

test('is served with what holds it to its purpose, and to nobody without the link', async (t) => {
  const world = await open(t);
  const link = await sentLink(t, world, 2, 'long 5000');
  const response = await fetch(link);
  t.expect(response.status).toBe(200);
  t.expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': expect.stringContaining("default-src 'none'"),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': expect.stringMatching(/^private/),
  });
  const html = await response.text();
  t.expect(html).toContain('第4999句话。');
  t.expect(html).not.toContain('内容由AI生成');
  t.expect(link).not.toContain(openidOf(2));

  const etag = response.headers.get('etag') as string;
  t.expect(etag).toMatch(/^"[\w-]{22}"$/);
  const head = await fetch(link, { method: 'HEAD' });
  t.expect([head.status, await head.text(), head.headers.get('etag')]).toEqual([200, '', etag]);
  t.expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(html)));
  for (const known of [etag, `"x", ${etag}`, '*']) t.expect(await statusFor(link, known), known).toBe(304);
  t.expect(await statusFor(link, '"x"')).toBe(200);
  const last = link.at(-1) === 'A' ? 'B' : 'A';
  const [id, expires, mac] = (link.split('/').at(-1) as string).split('.') as [string, string, string];
  const later = (Number.parseInt(expires, 36) + 1).toString(36);
  const base = link.slice(0, link.lastIndexOf('/') + 1);
  for (const wrong of [
    `${link.slice(0, -1)}${last}`,
    `${base}${id}.${later}.${mac}`,
    base,
    base.slice(0, -1),
    `${base}${id}`,
    `${base}..%2f..%2fhealthz`,
  ])
    t.expect((await fetch(wrong)).status, wrong).toBe(404);
  t.expect((await fetch(link, { method: 'POST', body: 'x' })).status).not.toBe(200);

  // It goes with its user.
  t.expect(await startChild(['forget', openidOf(2)], world.env).ended).toBe(0);
  t.expect((await fetch(link)).status).toBe(404);
  t.expect(await world.redis.keys(`{${world.env['WXRELAY_PREFIX']}:0}:page*`)).toEqual([]);
});

test('on an account that may not send the reply leads to it', async (t) => {
  const world = await open(t, { WECHAT_CUSTOMER_SERVICE: 'off', WECHAT_APP_SECRET: '', WXRELAY_SPOOL: 'off' });
  const { attempts } = await world.push({ openid: openidOf(3), text: 'long 3000' });
  const reply = /<Content><!\[CDATA\[([\s\S]*)\]\]><\/Content>/.exec(attempts.at(-1)?.body ?? '')?.[1];
  t.expect(reply).toMatch(/^第0句话。/);
  t.expect(reply).not.toContain('继续');
  t.expect(await (await fetch(linkIn(reply))).text()).toContain('第2999句话。');
});

test('is served by the middleware in an app of one’s own, whatever the partition', async (t) => {
  const world = await createWorld({ env: { WXRELAY_PARTITIONS: '3', PUBLIC_URL: 'https://example.com' } });
  t.onTestFinished(() => world.close());
  const receiver = createReceiver({
    config: readConfig({ ...world.env, PORT: '0' }, ['redis', 'push', 'api']),
    handlers: [],
    log: silentLog(),
  });
  t.onTestFinished(() => receiver.close());
  const server = createServer(new Koa().use(receiver.middleware).callback());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.onTestFinished(() => void server.close());
  await receiver.isReady();
  const names = await openInstallation(world.redis, world.env['WXRELAY_PREFIX'] as string, 3);
  const pages = openPages(world.redis, names, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const user = names.userId('a', openidOf(4));
  const { id, url } = pages.offer(user);
  await pages.keep(user, id, { sections: [{ text: 'here it is' }, { html: '<p>as it is</p>' }] });
  t.expect(names.tagOf(id)).toBe(names.tagOf(user));
  const shown = await (await fetch(url)).text();
  t.expect(shown).toContain('here it is');

  // Readers get the bytes that were kept, and nothing is made of them.
  const key = `${names.tagOf(id)}:page:${id}`;
  const kept = await world.redis.get(key);
  t.expect(kept?.split('\n')[0]).toMatch(/^\{"version":1,/);
  await world.redis.set(key, kept?.replace('<p>as it is</p>', '<p>**other** <b>bytes') ?? '');
  for (const answer of await Promise.all(Array.from({ length: 20 }, () => fetch(url))))
    t.expect(await answer.text()).toBe(shown.replace('<p>as it is</p>', '<p>**other** <b>bytes'));

  // What the previous release kept is made HTML once.
  await world.redis.set(
    key,
    JSON.stringify({ sections: [{ markdown: '**old**' }, { text: 'text' }], ai: true }),
    'EX',
    99,
  );
  const old = await fetch(url);
  t.expect(await old.text()).toMatch(/<strong>old<\/strong>[\s\S]*text[\s\S]*内容由AI生成/);
  t.expect(await world.redis.get(key)).toMatch(/^\{"version":1,/);
  t.expect(await world.redis.ttl(key)).toBeGreaterThan(0);
  t.expect((await fetch(url)).headers.get('etag')).toBe(old.headers.get('etag'));

  const file = await pages.keepFile(
    user,
    (await keepBlob(world.redis, names.tagOf(user), 'b', {
      name: 'a.png',
      type: 'image/png',
      bytes: Buffer.from('png'),
    })) as never,
  );
  const picture = await fetch(file);
  t.expect([await picture.text(), picture.headers.get('content-type')]).toEqual(['png', 'image/png']);
  t.expect(await statusFor(file, picture.headers.get('etag') ?? '')).toBe(304);
});

test('the receiver loads nothing that makes pages', async (t) => {
  const built = new URL('../../dist/src/', import.meta.url);
  const loaded = new Set<string>();
  const load = (file: URL) => {
    if (loaded.has(file.href)) return;
    loaded.add(file.href);
    for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^;]*?from '([^']+)'/gm))
      if (from.startsWith('.')) load(new URL(from, file));
      else loaded.add(from);
  };
  load(new URL('receiver/receiver.js', built));
  t.expect([...loaded]).toContain('koa');
  for (const maker of ['marked', 'sanitize-html']) t.expect([...loaded]).not.toContain(maker);
});
