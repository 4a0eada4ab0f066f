import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { createSite, KEPT, row } from '../site.ts';
import { startCast } from './cast.ts';
import { KILLS_SECONDS, timeoutOf } from './settings.ts';

/** Errors of a receiver that is dead, or was killed under the request. */
const GONE = /nothing listens|no complete answer/;

row('soak', () => {
  test(`300 pushes a second for ${KILLS_SECONDS} s, and every 5 s a worker, the receiver or Redis is killed`, {
    timeout: timeoutOf(KILLS_SECONDS),
  }, async (t) => {
    const site = await createSite(t);
    const cast = await startCast(t, site);
    const { sayings } = site.load({ rate: 300, users: 1000 });
    const faults = [
      () => cast.kill(cast.nextWorker()),
      () => cast.kill(cast.receiver),
      () => site.server.kill('SIGKILL').then(() => site.server.start()),
    ];
    for (let kills = 0; kills < KILLS_SECONDS / 5 - 1; kills++) {
      await sleep(5000);
      await faults[kills % faults.length]?.();
    }
    site.faultEnds();
    await sleep(5000);
    const figures = await site.verdict(`soak: 300/s for ${KILLS_SECONDS} s, a kill every 5 s`, { within: 300_000 });
    t.expect(figures).toMatchObject(KEPT);
    t.expect(figures.repeated).toBeLessThanOrEqual(cast.underWay);
    const refusals = sayings.filter(({ ackedAt }) => ackedAt === undefined).flatMap(({ attempts }) => attempts);
    t.expect(refusals.filter(({ status, error = '' }) => status !== 500 && !GONE.test(error))).toEqual([]);
  });
});
