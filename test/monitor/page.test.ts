import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';
import type { AnyHandler } from '../../src/handlers/definition.ts';
import { silentLog } from '../../src/log.ts';
import { encodePushEntry } from '../../src/store/entries.ts';
import { createIngest } from '../../src/store/ingest.ts';
import { laneId, pushKey } from '../../src/store/keys.ts';
import { wakeLater } from '../../src/store/queues.ts';
import type { Push } from '../../src/wechat/push.ts';
import { type RunningWorker, startWorker } from '../../src/worker/worker.ts';
import { findChromium, launch } from '../helpers/browser.ts';
import { eventually } from '../helpers/eventually.ts';
import { PASSWORD, type Watched, watch } from './harness.ts';

const executable = findChromium();
if (!executable) console.warn('No Chromium on the PATH: the monitor is not tried in a browser.');

const OPENID = 'oMonitorPage_000000000000001';
const WORDS = 'words that are nobody’s business';

describe.skipIf(!executable)('in the browser', () => {
  let watched: Watched;
  let worker: RunningWorker;
  let browser: Browser;
  let page: Page;
  let mended = false;
  const foreign: string[] = [];

  const handlers: AnyHandler[] = [
    { name: 'weather', on: 'text', run: () => undefined },
    // What lasts writes down what it is at work on.
    { name: 'report', on: 'text', run: () => new Promise((resolve) => setTimeout(resolve, 300)) },
    {
      name: 'brittle',
      on: 'text',
      attempts: 1,
      run() {
        if (!mended) throw new Error('the model is asleep');
      },
    },
  ];

  /** Makes a push durable, as the receiver does; returns its key. */
  async function receive(handler: string, id: string): Promise<string> {
    const { names, redis, queues, config } = watched;
    const user = names.userId(config.account.id, OPENID);
    const key = pushKey(user, id);
    const push = {
      ToUserName: 'gh_0',
      FromUserName: OPENID,
      CreateTime: 1,
      MsgType: 'text',
      Content: WORDS,
      MsgId: id,
    };
    const entry = encodePushEntry({ gated: false, account: config.account.id, handler, push: push as unknown as Push });
    const ingest = createIngest({
      redis,
      names,
      wake: (tag, lanes) => void wakeLater(queues, tag, lanes),
      canSend: () => true,
      maxLane: 1000,
    });
    await ingest.add({
      key,
      lane: laneId('handle', user),
      entry,
      reply: { kind: 'known', xml: '' },
      facts: 'accepted',
    });
    return key;
  }

  const open = (path: string) => page.goto(`${watched.url}${path}`);
  const queue = (name: string) => watched.queues.get(watched.names.tags()[0] as string, name);

  beforeAll(async () => {
    watched = await watch();
    const { redisUrl: REDIS_URL, prefix: WXRELAY_PREFIX } = watched.config;
    worker = await startWorker({
      config: readConfig({ REDIS_URL, WXRELAY_PREFIX, WECHAT_CUSTOMER_SERVICE: 'off' }, ['redis']),
      handlers,
      log: silentLog(),
    });
    browser = await launch(executable as string);
    page = await browser.newPage({
      locale: 'en-US',
      httpCredentials: { username: 'anybody', password: PASSWORD },
      viewport: { width: 1280, height: 900 },
    });
    await page.route(
      ({ origin }) => origin !== watched.url,
      (route) => {
        foreign.push(route.request().url());
        return route.fulfill({ body: '' });
      },
    );
  });
  afterAll(async () => {
    await browser?.close();
    await worker?.stop();
    await watched?.close();
  });

  test('a push’s job shows its handler, key, progress, result and log, and nothing of the user', async () => {
    const quick = await receive('weather', '7000');
    await eventually(async () => expect(await queue('handle').getCompletedCount()).toBe(1));
    const key = await receive('report', '7001');
    const [job] = await eventually(async () => {
      const done = await queue('handle').getCompleted();
      expect(done).toHaveLength(2);
      return done;
    });
    await open('/queues/queue/handle?status=completed');
    await page.getByText('“waiting” counts users').waitFor();
    await page.getByText(`weather · ${quick}`).first().waitFor();
    await page.getByText(`report · ${key}`).first().click();
    await page.waitForURL(`**/queue/handle/${job?.id}*`);
    const seen: string[] = [];
    for (const [tab, shown] of [
      ['Data', 'parts:0'],
      ['Progress', `key:"${key}",handler:"report",attempt:1`],
      ['Logs', `report takes ${key}, attempt 1`],
    ] as const) {
      await page.getByRole('tab', { name: tab }).click();
      await page.getByRole('tabpanel').filter({ hasText: shown }).waitFor();
      seen.push(await page.content());
    }
    expect(seen.join('\n')).not.toContain(OPENID);
    expect(seen.join('\n')).not.toContain(WORDS);
  });

  test('a push in dead cannot be cleaned away; Retry puts it back, and this time it is done', async () => {
    const key = await receive('brittle', '7002');
    await eventually(async () => expect(await queue('dead').getFailedCount()).toBe(1));
    await open('/queues/queue/dead?status=failed');
    await page.getByText(`brittle · ${key}`).waitFor();
    await page.getByText('Error: the model is asleep').first().waitFor();
    await page.locator('button:has(svg.lucide-trash-2)').filter({ hasText: /^$/ }).click();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await page.getByText('wxrelay allows only').waitFor();
    mended = true;
    await page.locator('button:has(svg.lucide-refresh-cw)').filter({ hasText: /^$/ }).click();
    await page.getByRole('button', { name: 'Confirm' }).click();
    await eventually(async () => {
      const keys = (await queue('handle').getCompleted()).map(({ returnvalue }) => returnvalue);
      expect(keys).toContainEqual(expect.objectContaining({ key, handler: 'brittle', parts: 0 }));
      expect(await queue('dead').getJobCounts('failed', 'waiting', 'active', 'completed')).toEqual({
        failed: 0,
        waiting: 0,
        active: 0,
        completed: 0,
      });
    });
  });

  test('a queue that a worker serves is not reported as deserted', async () => {
    const answer = await watched.ask('/queues/api/queues');
    const { queues } = (await answer.json()) as { queues: { name: string; hasWorkers: boolean }[] };
    expect(queues.map(({ name, hasWorkers }) => [name, hasWorkers])).toEqual([
      ['handle', true],
      ['deliver', true],
      ['dead', true],
    ]);
  });

  test('nothing comes from another host', async () => {
    await open('/queues');
    await page.getByText('deliver', { exact: true }).first().waitFor();
    await page.waitForLoadState('networkidle');
    expect(foreign).toEqual([]);
  });
});
