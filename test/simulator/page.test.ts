import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { findChromium, launch } from '../helpers/browser.ts';
import { call, send, stableToken, startOn, text, typing } from './client.ts';
import { type Answerer, startFakeReceiver, textReply } from './fake-receiver.ts';

const executable = findChromium();
if (executable === undefined) console.log('The chat page is not tested: there is no Chromium on the PATH.');

describe.skipIf(executable === undefined)('the chat page', { timeout: 30_000 }, () => {
  let browser: Browser;
  let page: Page;
  let receiver: Awaited<ReturnType<typeof startFakeReceiver>>;
  let simulator: Simulator;
  let answer: Answerer;
  let complaints: string[];
  let logged: { event: string }[];

  beforeAll(async () => {
    browser = await launch(executable!);
  }, 30_000);
  afterAll(() => browser?.close());

  beforeEach(async () => {
    answer = () => 'success';
    receiver = await startFakeReceiver((...request) => answer(...request));
    logged = [];
    const log = (event: string) => void logged.push({ event });
    simulator = await startOn(receiver.url, { name: '天气小站', timeoutMs: 20_000, log });
    page = await browser.newPage();
    complaints = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    await page.goto(simulator.url);
    await expect.poll(() => page.title()).toContain('天气小站');
  });
  afterEach(async () => {
    await page.close();
    await simulator.close();
    await receiver.close();
  });

  async function say(words: string) {
    await page.fill('#text', words);
    await page.press('#text', 'Enter');
  }
  /** The account sends a message, which the follower has made possible. */
  async function deliver(message: object) {
    await simulator.push({ text: 'hi' });
    expect(await send(simulator, await stableToken(simulator), { touser: simulator.openid, ...message })).toBe(0);
  }
  /** A picture has been loaded and drawn. */
  const expectDrawn = (selector: string) =>
    expect
      .poll(() =>
        page
          .locator(selector)
          .last()
          .evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth),
      )
      .toBe(240);
  const seen = (selector: string, words: string | RegExp) =>
    page.locator(selector, { hasText: words }).last().waitFor();

  test('shows what I say, what became of it, and nothing in the console', async () => {
    await say('今天 <b>天气</b> 怎么样？');
    await seen('.mine .bubble', '今天 <b>天气</b> 怎么样？');
    await seen('.mine .fate', /^success · \d/);
    expect(await page.locator('#window').textContent()).toContain('还可发 5 条');
    expect(complaints).toEqual([]);
  });

  test('shows a passive reply and a customer-service message, each with how and when it came', async () => {
    answer = ({ body }) => textReply(body, '正在看窗外…');
    await say('天气');
    await seen('.row:not(.mine) .bubble', '正在看窗外…');
    await seen('.row:not(.mine) .fate', /被动回复.*ms/);
    await send(simulator, await stableToken(simulator), text(simulator.openid, '晴'));
    await seen('.row:not(.mine) .bubble', '晴');
    await seen('.row:not(.mine) .fate', /客服消息.*\d (ms|s)/);
    expect(await page.locator('#window').textContent()).toContain('还可发 4 条');
  });

  test('makes links of http addresses only, and never markup of a text', async () => {
    const content =
      '<a href="https://example.com/a">好</a> <a href="javascript:alert(1)">坏</a> <img src=x onerror=alert(1)>';
    await deliver(text(simulator.openid, content));
    await seen('.row:not(.mine) .bubble', '好 坏 <img src=x onerror=alert(1)>');
    const links = page.locator('.bubble a');
    expect(await links.evaluateAll((all) => all.map((a) => a.getAttribute('href')))).toEqual(['https://example.com/a']);
    expect(await links.first().getAttribute('rel')).toContain('noopener');
  });

  test('shows the grey notice with its reason, and the attempts on demand', async () => {
    answer = () => '{"errcode":0}';
    await say('hi');
    await seen('.notice', '该公众号暂时无法提供服务，请稍后再试（或：该公众号提供的服务出现故障，请稍后再试）');
    await seen('.notice .why', 'the body is JSON');
    await page.locator('.mine .fate summary', { hasText: '3 次 attempts' }).click();
    expect(await page.locator('.fate li').count()).toBe(3);
    await seen('.fate pre', '{"errcode":0}');
  });

  test('shows the attempts as they happen', async () => {
    let finish = (): unknown => undefined;
    answer = (_, number, response) => {
      if (number === 1) return 'nonsense';
      finish = () => response.end('success');
      return undefined;
    };
    await say('hi');
    await seen('.mine .waiting', '第 2 次');
    finish();
    await seen('.mine .fate', /^success.*2 次 attempts/);
  });

  test('shows why a customer-service message was refused', async () => {
    await send(simulator, await stableToken(simulator), text(simulator.openid));
    await seen('.notice .why', /客服消息被拒绝：45015/);
  });

  test('sends a picture, a menu click, an unfollow and a follow', async () => {
    await page.click('#picture');
    const picture = page.locator('.mine img');
    await picture.waitFor();
    await expect
      .poll(() => picture.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth))
      .toBe(240);
    await page.click('#menu');
    await say('V1001_TODAY');
    await seen('.mine .act', 'V1001_TODAY');
    await page.click('#follow');
    await seen('.mine .act', 'unfollowed');
    await page.locator('#text:disabled').waitFor();
    await page.click('#follow');
    await page.locator('#text:enabled').waitFor();
    const kinds = receiver.received.map(({ body }) => /<(?:Event|PicUrl)><!\[CDATA\[([^\]]*)/.exec(body)?.[1]);
    expect(kinds).toEqual([expect.stringMatching(/^http.*\.png$/), 'CLICK', 'unsubscribe', 'subscribe']);
  });

  test('suggests what to type while nothing was said, and says it on a tap', async () => {
    await page.click('#hint button:has-text("报告")');
    await seen('.mine .bubble', '报告');
    expect(await page.locator('#hint').isVisible()).toBe(false);
  });

  test('shows the key under which the receiver logs and traces a push', async () => {
    answer = (_, __, response) => {
      response.setHeader('X-Wxrelay-Key', 'AVJxXl5ftpbZzj2H-217952139303210501');
      return 'success';
    };
    await say('hi');
    await page.locator('.mine .fate summary', { hasText: 'success' }).click();
    await seen('.fate .key', 'AVJxXl5ftpbZzj2H-217952139303210501');
  });

  test.each([
    ['picture that was uploaded', 'image', (id: string) => ({ media_id: id }), '.bubble.picture img'],
    ['cover of a music card', 'music', (id: string) => ({ title: '听', thumb_media_id: id }), '.cover img'],
  ])('shows the %s', async (_, msgtype, part, selector) => {
    const form = new FormData();
    const png = Buffer.from(await (await fetch(`${simulator.url}/picture.png`)).arrayBuffer());
    form.append('media', new File([png], 'a.png', { type: 'image/png' }));
    const path = `/cgi-bin/media/upload?type=image&access_token=${await stableToken(simulator)}`;
    const uploaded = await fetch(simulator.url + path, { method: 'POST', body: form });
    const { media_id } = (await uploaded.json()) as { media_id: string };
    await deliver({ msgtype, [msgtype]: part(media_id) });
    await expectDrawn(`.row:not(.mine) ${selector}`);
    expect(complaints).toEqual([]);
  });

  test('shows the picture that a reply sends back by its MediaId', async () => {
    answer = ({ body }) => {
      const id = /<MediaId><!\[CDATA\[([^\]]*)/.exec(body)?.[1];
      return textReply(body, '')
        .replace('text', 'image')
        .replace(/<Content>.*<\/Content>/s, `<Image><MediaId><![CDATA[${id}]]></MediaId></Image>`);
    };
    await page.click('#picture');
    await expectDrawn('.row:not(.mine) .bubble.picture img');
  });

  test('never hands a browser an uploaded file as a page', async () => {
    const form = new FormData();
    form.append('media', new File(['<script>alert(1)</script>'], 'a.png', { type: 'text/html' }));
    const path = `/cgi-bin/media/upload?type=image&access_token=${await stableToken(simulator)}`;
    const { media_id } = (await (await fetch(simulator.url + path, { method: 'POST', body: form })).json()) as {
      media_id: string;
    };
    const { headers } = await fetch(`${simulator.url}/simulator/media/${media_id}`);
    expect([headers.get('content-type'), headers.get('x-content-type-options')]).toEqual(['image/png', 'nosniff']);
    expect((await fetch(`${simulator.url}/simulator/media/SIM_nothing`)).status).toBe(404);
  });

  test('closing or reloading the page is no error in the log', async () => {
    const before = logged.length;
    for (let times = 0; times < 3; times++) {
      await page.reload();
      await expect.poll(() => page.title()).toContain('天气小站');
    }
    await page.goto('about:blank');
    await simulator.push({ text: 'hi' });
    expect(logged.slice(before).filter(({ event }) => event === 'simulator.error')).toEqual([]);
  });

  test('lets me tap an item of a menu message', async () => {
    const msgmenu = { head_content: '满意吗？', list: [{ id: '101', content: '满意' }], tail_content: '谢谢' };
    await deliver({ msgtype: 'msgmenu', msgmenu });
    await page.click('.menu-items button');
    await seen('.mine .bubble', '满意');
    expect(receiver.received.at(-1)!.body).toContain('<bizmsgmenuid><![CDATA[101]]></bizmsgmenuid>');
  });

  test.each([
    ['image', { media_id: 'M' }],
    ['voice', { media_id: 'M' }],
    ['video', { media_id: 'M', thumb_media_id: 'T', title: '看 M' }],
    ['music', { title: '听 M', thumb_media_id: 'T' }],
    ['news', { articles: [{ title: '读 M', url: 'https://example.com/M' }] }],
    ['wxcard', { card_id: 'M' }],
    ['miniprogrampage', { title: '开 M', appid: 'wx', pagepath: 'p', thumb_media_id: 'T' }],
  ])('shows a message of type %s', async (msgtype, part) => {
    await deliver({ msgtype, [msgtype]: part });
    await seen('.row:not(.mine) .bubble', 'M');
    expect(complaints).toEqual([]);
  });

  test('shows that the account is typing', async () => {
    await simulator.push({ text: 'hi' });
    await typing(simulator, await stableToken(simulator));
    await seen('#title', '对方正在输入');
  });

  test('has the whole history after a reload and after a lost connection', async () => {
    await say('first');
    await seen('.mine .fate', 'success');
    await page.reload();
    await seen('.mine .bubble', 'first');
    await page.context().setOffline(true);
    await simulator.push({ text: 'meanwhile' });
    await page.context().setOffline(false);
    await seen('.mine .bubble', 'meanwhile');
    expect(await page.locator('.mine .bubble').allTextContents()).toEqual(['first', 'meanwhile']);
  });

  test('shows one follower, the one that is asked for', async () => {
    await simulator.push({ openid: 'oAnother', text: 'mine' });
    await simulator.push({ text: 'not mine' });
    await page.goto(`${simulator.url}/?openid=oAnother`);
    await seen('.mine .bubble', 'mine');
    expect(await page.locator('.mine .bubble').count()).toBe(1);
    expect(await page.locator('#people a').count()).toBe(2);
  });

  test('says that the receiver cannot be reached, and when it is back', async () => {
    const port = Number(new URL(receiver.url).port);
    await receiver.close();
    await say('hi');
    await seen('#banner', `连不上接收端 ${receiver.url}`);
    await seen('#banner', /请先启动接收端 wxrelay receiver/);
    receiver = await startFakeReceiver(() => 'success', port);
    await page.locator('#banner').waitFor({ state: 'hidden' });
  });

  test('runs under a policy that lets nothing in from elsewhere', async () => {
    const { headers } = await fetch(simulator.url);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    const { text: html } = await call(`${simulator.url}/`);
    expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  test('fits a phone', async () => {
    await page.setViewportSize({ width: 360, height: 640 });
    await say('一条很长的消息'.repeat(20));
    await seen('.mine .fate', 'success');
    const widths = await page.evaluate<number[]>('[document.documentElement.scrollWidth, innerWidth]');
    expect(widths[0]).toBe(widths[1]);
    expect((await page.locator('.mine .bubble').boundingBox())!.width).toBeLessThan(300);
  });
});
