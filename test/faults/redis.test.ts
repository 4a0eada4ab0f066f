// Redis that dies, freezes, or is not there yet. Rows 4, 5 and 6.
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { createSite, KEPT, row } from './site.ts';

row('when Redis goes away', () => {
  test('4. Redis is killed and started again under load, three times', async (t) => {
    const { server, world, load, sendsUnderWay, faultEnds, verdict } = await createSite(t);
    await Promise.all([world.start('receiver'), world.start('worker')]);
    load({ rate: 60 });
    for (let kills = 0; kills < 3; kills++) {
      await sleep(2000);
      await server.kill('SIGKILL');
      await sleep(2000);
      await server.start();
    }
    faultEnds();
    await sleep(3000);
    const figures = await verdict('4 Redis killed 3 times for 2 s');
    t.expect(figures).toMatchObject({ ...KEPT, refused: 0, repeated: 0 });
    t.expect(figures.accepted).toBeGreaterThan(300);
    t.expect(await sendsUnderWay()).toBe(0);
  });

  test.for([3, 10])('5. Redis is frozen for %d seconds', async (seconds, t) => {
    const { server, world, load, faultEnds, verdict } = await createSite(t);
    await Promise.all([world.start('receiver'), world.start('worker')]);
    load({ rate: 60 });
    await sleep(2000);
    await server.kill('SIGSTOP');
    await sleep(seconds * 1000);
    await server.kill('SIGCONT');
    faultEnds();
    await sleep(3000);
    const figures = await verdict(`5 Redis frozen ${seconds} s`);
    t.expect(figures).toMatchObject({ ...KEPT, refused: 0, repeated: 0 });
  });

  test('6. Redis is absent at the start and comes 10 seconds later', async (t) => {
    const { server, world, load, faultEnds, verdict } = await createSite(t);
    await server.kill('SIGKILL');
    await world.start('receiver');
    const worker = world.start('worker');
    load({ rate: 60 });
    await sleep(10_000);
    await server.start();
    faultEnds();
    await worker;
    await sleep(3000);
    const figures = await verdict('6 Redis absent at the start for 10 s');
    t.expect(figures).toMatchObject({ ...KEPT, refused: 0, repeated: 0 });
  });
});
