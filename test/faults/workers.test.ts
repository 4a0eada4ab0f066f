// Workers that die, freeze, or are replaced under load. Rows 1, 2 and 20.
import { setTimeout as sleep } from 'node:timers/promises';
import { type TestContext, test } from 'vitest';
import { freePort } from '../helpers/ports.ts';
import { createFaultProxy } from './proxy.ts';
import { createSite, KEPT, row } from './site.ts';

const POLICIES = ['resend', 'hold'] as const;

const start = async (t: TestContext, env: Record<string, string> = {}) => {
  const site = await createSite(t, { env });
  const [, first] = await Promise.all([
    site.world.start('receiver'),
    site.world.start('worker'),
    site.world.start('worker'),
  ]);
  return { ...site, first };
};

row('when workers die', () => {
  test.for(POLICIES)('1. a worker is killed three times under load, in-doubt sends: %s', async (policy, t) => {
    const { world, load, sendsUnderWay, faultEnds, verdict, ...site } = await start(t, { WXRELAY_IN_DOUBT: policy });
    let victim = site.first;
    let underWay = 0;
    load({ rate: 40 });
    for (let kills = 0; kills < 3; kills++) {
      await sleep(3000);
      victim.kill('SIGKILL');
      await victim.ended;
      underWay += await sendsUnderWay();
      victim = await world.start('worker');
    }
    faultEnds();
    await sleep(3000);
    const figures = await verdict(`1 worker killed 3 times, ${policy}`, { listed: policy === 'hold' });
    t.expect(figures).toMatchObject(KEPT);
    t.expect(figures.accepted).toBeGreaterThan(300);
    t.expect(figures.refused).toBe(0);
    t.expect(figures.repeated).toBeLessThanOrEqual(policy === 'hold' ? 0 : underWay);
  });

  test.for(POLICIES)(
    '2. a worker frozen for longer than its lock sends nothing twice, in-doubt sends: %s',
    async (policy, t) => {
      const { load, first, sendsUnderWay, faultEnds, verdict } = await start(t, { WXRELAY_IN_DOUBT: policy });
      load({ rate: 30 });
      await sleep(3000);
      first.kill('SIGSTOP');
      const underWay = await sendsUnderWay();
      await sleep(24_000);
      first.kill('SIGCONT');
      faultEnds();
      await sleep(3000);
      const figures = await verdict(`2 zombie worker, ${policy}`, { listed: policy === 'hold' });
      t.expect(figures).toMatchObject({ ...KEPT, refused: 0 });
      t.expect(figures.repeated).toBeLessThanOrEqual(policy === 'hold' ? 0 : underWay);
    },
  );

  test('20. a rolling deploy of workers under load repeats nothing and leaves nothing in doubt', async (t) => {
    const { world, load, first, faultEnds, verdict } = await start(t);
    load({ rate: 40, write: (n) => `work ${n % 5 === 0 ? 800 : 5} n${n}` });
    let old = first;
    for (let deploys = 0; deploys < 3; deploys++) {
      await sleep(2500);
      const fresh = await world.start('worker');
      old.kill('SIGTERM');
      t.expect(await old.ended).toBe(0);
      t.expect(old.events('worker.stopped')).toMatchObject([{ inTime: true }]);
      old = fresh;
    }
    faultEnds();
    await sleep(1000);
    const figures = await verdict('20 rolling deploy of workers, 3 times');
    t.expect(figures).toMatchObject({ ...KEPT, refused: 0, repeated: 0, inDoubt: 0 });
    t.expect(world.allLines().join('\n')).not.toContain('run.superseded');
  });

  test('20. a rolling deploy of receivers under load refuses nothing', async (t) => {
    const { world, load, faultEnds, verdict } = await createSite(t);
    let [old] = await Promise.all([world.start('receiver'), world.start('worker')]);
    // As a load balancer does: what is new goes to the new one, what is under way is answered by the old one.
    const balancer = await createFaultProxy(Number(new URL(world.receiverUrl).port));
    t.onTestFinished(() => balancer.close());
    load({ rate: 40, receiverUrl: `http://127.0.0.1:${balancer.port}/wechat` });
    for (let deploys = 0; deploys < 3; deploys++) {
      await sleep(2000);
      const port = await freePort();
      const fresh = await world.start('receiver', { PORT: String(port) });
      balancer.leadTo(port);
      old.kill('SIGTERM');
      t.expect(await old.ended).toBe(0);
      old = fresh;
    }
    faultEnds();
    await sleep(1000);
    const figures = await verdict('20 rolling deploy of receivers, 3 times');
    t.expect(figures).toMatchObject({ ...KEPT, refused: 0, repeated: 0, inDoubt: 0 });
  });
});
