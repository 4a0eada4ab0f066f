// One user who writes a third of everything, and one whose work is slow. Row 19.
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { openPipeline } from './pipeline.ts';
import { createSite, KEPT, row } from './site.ts';

/** The share of pairs in which a value of `later` is above one of `earlier`: a half where nothing has changed. */
function above(later: readonly number[], earlier: readonly number[]): number {
  const wins = later.map((one) => earlier.filter((other) => one > other).length);
  return wins.reduce((sum, count) => sum + count, 0) / (later.length * earlier.length);
}

row('when one user takes more than their share', () => {
  test('19. a hot user and a slow one: the others wait no longer than before', async (t) => {
    const { world, api, load, verdict } = await createSite(t);
    await Promise.all([world.start('receiver'), world.start('worker')]);
    const running = load({ rate: 40 });
    const hot = await openPipeline(running, world.receiverUrl, 'oHot'.padEnd(28, '0'));
    t.onTestFinished(() => hot.close());
    const slow = await openPipeline(running, world.receiverUrl, 'oSlow'.padEnd(28, '0'));
    t.onTestFinished(() => slow.close());
    // In turns, so that whatever else the machine does falls on both.
    const calm: [number, number][] = [];
    const busy: [number, number][] = [];
    const period = async (kind: [number, number][], ms: number, during: () => void) => {
      const from = Date.now();
      for (const end = from + ms; Date.now() < end; await sleep(58)) during();
      kind.push([from, Date.now()]);
    };
    for (let turns = 0; turns < 3; turns++) {
      await period(calm, 2500, () => undefined);
      void slow.say((n) => `work 2000 n${n}`);
      // 17 a second beside the 40 of all others, and each takes 100 ms: their own line grows, and nobody else's.
      await period(busy, 2500, () => void hot.say((n) => `work 100 n${n}`));
      await sleep(1000);
    }
    const figures = await verdict('19 hot user with 30 % of the load, and a slow one');
    t.expect(figures).toMatchObject({ ...KEPT, refused: 0, repeated: 0 });
    const others = new Set(running.users);
    const answeredAt = new Map(api.receipts.map(({ openid, text, at }) => [`${openid} ${text}`, at]));
    const waits = (periods: readonly [number, number][], isHot = false) =>
      running.sayings
        .filter(({ openid }) => (isHot ? openid.startsWith('oHot') : others.has(openid)))
        .filter(({ ackedAt = 0 }) => periods.some(([from, to]) => from <= ackedAt && ackedAt < to))
        .map(({ openid, n, ackedAt = 0 }) => (answeredAt.get(`${openid} done n${n}`) ?? 0) - ackedAt);
    t.expect(waits(calm).length).toBeGreaterThan(200);
    t.expect(above(waits(busy, true), waits(busy))).toBeGreaterThan(0.9);
    t.expect(above(waits(busy), waits(calm))).toBeLessThan(0.75);
  });
});
