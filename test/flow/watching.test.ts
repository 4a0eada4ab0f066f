import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findChromium, launch } from '../helpers/browser.ts';
import { eventually } from '../helpers/eventually.ts';
import { createWorld, type World } from '../helpers/world.ts';

const executable = findChromium();
if (!executable) console.warn('No Chromium on the PATH: nobody watches receiver, worker and monitor in a browser.');

describe.skipIf(!executable)('receiver, worker and monitor in three terminals, watched in a browser', () => {
  let world: World;
  let browser: Browser;
  let page: Page;
  const state = (name: string) =>
    page.goto(`http://127.0.0.1:${world.env['MONITOR_PORT']}/queues/queue/handle?status=${name}`);

  beforeAll(async () => {
    world = await createWorld({ env: { MONITOR_PASSWORD: 'watching-it' } });
    browser = await launch(executable as string);
    page = await browser.newPage({ locale: 'en-US', httpCredentials: { username: 'me', password: 'watching-it' } });
    await Promise.all([world.start('receiver'), world.start('monitor')]);
  });
  afterAll(async () => {
    await browser?.close();
    await world?.close();
  });

  test('a slow push waits, runs and finishes as a job of its own, with its result, and its answer arrives', async () => {
    // One slot: the second user's push has to wait while the first one's runs, which gives two pages time to load.
    await world.start('worker', { WXRELAY_CONCURRENCY: '1' });
    await world.push({ openid: 'oWatchedFirst'.padEnd(28, '0'), text: 'slow 15000 first' });
    await eventually(() => expect(world.runs('start')).toHaveLength(1));
    await world.push({ openid: 'oWatchedSecond'.padEnd(28, '0'), text: 'slow 100 second' });

    await state('active');
    await page
      .getByText(/slow · [\w.]{16}-\d+/)
      .first()
      .waitFor();
    await state('waiting');
    await page.getByText('push', { exact: true }).first().waitFor();
    await eventually(() => expect(world.sent().map(({ text }) => text)).toEqual(['done first', 'done second']));
    await state('completed');
    await eventually(async () =>
      expect(await page.getByText(/slow · [\w.]{16}-\d+/).count()).toBeGreaterThanOrEqual(2),
    );
    await page
      .getByText(/slow · [\w.]{16}-\d+/)
      .first()
      .click();
    await page
      .getByText(/parts:\s*1/)
      .first()
      .waitFor();
    const shown = await page.content();
    for (const private_ of ['oWatched', 'slow 15000', 'done first']) expect(shown).not.toContain(private_);
  });

  test('a push that fails for good is a failed job in dead, with its reason', async () => {
    await world.push({ openid: 'oWatchedDead'.padEnd(28, '0'), text: 'broken x' });
    await page.goto(`http://127.0.0.1:${world.env['MONITOR_PORT']}/queues/queue/dead?status=failed`);
    await page.getByText('Error: it is out of order').first().waitFor();
  });
});
