// Pushes that no worker survives, or ends. Row 17.
import { setTimeout as sleep } from 'node:timers/promises';
import { type TestContext, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { createSite, KEPT, row, type Site } from './site.ts';

/** Under load, a user writes what is poison, and then something good. */
async function poisoned(t: TestContext, site: Site, poison: string) {
  const load = site.load({ rate: 20 });
  await sleep(2000);
  const victim = load.users[0] as string;
  await load.say(victim, (n) => `${poison} n${n}`);
  await load.say(victim, (n) => `work 5 n${n}`);
  const answers = () => site.api.receipts.filter(({ openid }) => openid === victim).map(({ text }) => text);
  const untilGivenUp = (within?: number) =>
    eventually(() => t.expect(answers().join()).toMatch(/sorry n\d+,.*done n\d+/), within);
  return { load, untilGivenUp };
}

row('a push that is poison', () => {
  test('17. one that always throws is given up after its attempts; its user and all others go on', async (t) => {
    const site = await createSite(t);
    await Promise.all([site.world.start('receiver'), site.world.start('worker')]);
    const { untilGivenUp } = await poisoned(t, site, 'throws');
    await untilGivenUp();
    const figures = await site.verdict('17 poison: throws');
    t.expect(figures).toMatchObject({ ...KEPT, refused: 0, repeated: 0 });
    t.expect(site.world.runs('throws')).toHaveLength(3);
  });

  test('17. one that never ends is given up after its attempts; its user and all others go on', async (t) => {
    const site = await createSite(t);
    await Promise.all([site.world.start('receiver'), site.world.start('worker')]);
    const { untilGivenUp } = await poisoned(t, site, 'endless');
    await untilGivenUp();
    const figures = await site.verdict('17 poison: never ends');
    t.expect(figures).toMatchObject({ ...KEPT, refused: 0, repeated: 0 });
    t.expect(site.world.runs('endless')).toHaveLength(2);
  });

  test('17. one that kills its worker is given up after ten of them; its user and all others go on', async (t) => {
    const site = await createSite(t);
    await site.world.start('receiver');
    let [underWay, running] = [0, true];
    const supervise = async () => {
      while (running) {
        const worker = await site.world.start('worker');
        if ((await worker.ended) === 'SIGKILL' && running) underWay += await site.sendsUnderWay();
      }
    };
    t.onTestFinished(() => {
      running = false;
    });
    const supervised = supervise();
    supervised.catch(() => undefined);
    const { untilGivenUp } = await poisoned(t, site, 'crashes');
    // Each death takes a lock's time: after three real ones we count on to the last but one.
    await eventually(() => t.expect(site.world.runs('crashes')).toHaveLength(3), 120_000);
    const { redis } = site.world;
    for (const lane of await redis.keys(`${site.tag}:lane:handle:*`))
      if ((await redis.lindex(lane, 0))?.includes('"crashes '))
        await redis.hset(lane.replace(':lane:', ':state:'), 'deaths', '8');
    await untilGivenUp(300_000);
    site.faultEnds();
    const figures = await site.verdict('17 poison: kills its worker');
    t.expect(figures).toMatchObject({ ...KEPT, refused: 0 });
    t.expect(figures.repeated).toBeLessThanOrEqual(underWay);
    t.expect(site.world.runs('crashes')).toHaveLength(4);
  });
});
