import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { filesIn, segmentsIn } from '../../spool/helpers.ts';
import { createSite, KEPT, row } from '../site.ts';
import { AWAY_SECONDS, timeoutOf } from './settings.ts';

/** Bytes that a process holds in memory. */
const residentOf = (pid = 0) => Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096;

row('soak', () => {
  test(`Redis is away for ${AWAY_SECONDS} s at 50 pushes a second: all are acked from the spool, which is gone afterwards`, {
    timeout: timeoutOf(AWAY_SECONDS),
  }, async (t) => {
    const site = await createSite(t);
    const { server, world, spool, load, faultEnds, verdict } = site;
    // A small heap: what the process holds is then what it keeps, and not garbage that it had no need to collect yet.
    const small = { NODE_OPTIONS: '--max-old-space-size=64 --max-semi-space-size=2' };
    const [receiver] = await Promise.all([world.start('receiver', small), world.start('worker')]);
    load({ rate: 50, users: 500 });
    await sleep(2000);
    await server.kill('SIGKILL');
    await sleep((AWAY_SECONDS * 1000) / 5);
    const early = residentOf(receiver.process.pid);
    await sleep((AWAY_SECONDS * 1000 * 4) / 5);
    const late = residentOf(receiver.process.pid);
    t.expect(segmentsIn(spool)).not.toEqual([]);
    await server.start();
    faultEnds();
    await sleep(2000);
    const figures = await verdict(`soak: Redis away for ${AWAY_SECONDS} s`, { within: 600_000 });
    console.log(
      `the receiver holds ${Math.round(early / 1e6)} MB after a fifth of the outage, ${Math.round(late / 1e6)} MB at its end`,
    );
    t.expect(figures).toMatchObject({ ...KEPT, refused: 0, repeated: 0 });
    t.expect(late).toBeLessThanOrEqual(early * 1.25);
    await eventually(() => t.expect(filesIn(spool)).toEqual([]));
  });
});
