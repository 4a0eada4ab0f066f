// Workers whose clock is wrong, whose event loop stands still, and whose Redis is away for longer than their lock. Rows 13, 22, 23.
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { createSite, KEPT, row } from './site.ts';

const SKEWED = `--import ${new URL('./skewed-clock.mjs', import.meta.url).href}`;
const skewedBy = (hours: number) => ({ NODE_OPTIONS: SKEWED, SKEW_MS: String(hours * 3_600_000) });

row('when time goes wrong', () => {
  test.for([1, -1])(
    '13. a worker whose clock is %d h off says so, and keeps the order; so does its successor',
    async (hours, t) => {
      const { world, load, sendsUnderWay, faultEnds, verdict } = await createSite(t);
      const [, skewed] = await Promise.all([world.start('receiver'), world.start('worker', skewedBy(hours))]);
      t.expect(
        skewed
          .events('redis.setup')
          .map(({ problem }) => problem)
          .join(),
      ).toContain('its clock is');
      load({ rate: 20, write: (n) => `${n % 3 === 0 ? 'falters' : 'work 5'} n${n}` });
      await sleep(5000);
      await world.start('worker');
      await sleep(5000);
      skewed.kill('SIGKILL');
      await skewed.ended;
      const underWay = await sendsUnderWay();
      faultEnds();
      await sleep(2000);
      const figures = await verdict(`13 worker's clock ${hours > 0 ? '+' : ''}${hours} h, then killed`);
      t.expect(figures).toMatchObject({ ...KEPT, refused: 0 });
      t.expect(figures.repeated).toBeLessThanOrEqual(underWay);
    },
  );

  test('13. what a worker whose clock was an hour ahead had put off is done on time after its death', async (t) => {
    const { world, tag, load, faultEnds, verdict } = await createSite(t);
    const [, ahead] = await Promise.all([world.start('receiver'), world.start('worker', skewedBy(1))]);
    const { users, say } = load({ rate: 0, users: 20 });
    await Promise.all(users.map((openid) => say(openid, (n) => `falters n${n}`)));
    await eventually(async () => t.expect(await world.redis.zcard(`${tag}:handle:delayed`)).toBeGreaterThan(0));
    ahead.kill('SIGKILL');
    await ahead.ended;
    faultEnds();
    await world.start('worker');
    const figures = await verdict('13 put off by a clock 1 h ahead');
    t.expect(figures).toMatchObject({ ...KEPT, accepted: 20, repeated: 0 });
  });

  test.for(['resend', 'hold'])(
    '22. an event loop that stands still for longer than the lock, in-doubt sends: %s',
    async (policy, t) => {
      const { world, load, sendsUnderWay, faultEnds, verdict } = await createSite(t, {
        env: { WXRELAY_IN_DOUBT: policy },
      });
      await Promise.all([world.start('receiver'), world.start('worker'), world.start('worker')]);
      const { say, users } = load({ rate: 20 });
      await sleep(2000);
      await say(users[0] as string, (n) => `blocks 24000 n${n}`);
      await eventually(() => t.expect(world.runs('blocks')).toHaveLength(1));
      const underWay = await sendsUnderWay();
      await eventually(() => t.expect(world.runs('unblocks')).toHaveLength(1), 60_000);
      faultEnds();
      await sleep(3000);
      const figures = await verdict(`22 event loop blocked 24 s, ${policy}`, { listed: policy === 'hold' });
      t.expect(figures).toMatchObject({ ...KEPT, refused: 0 });
      t.expect(figures.repeated).toBeLessThanOrEqual(policy === 'hold' ? 0 : underWay);
    },
  );

  test('23. Redis is away for longer than the lock, under runs that outlast it too, with one worker', async (t) => {
    const { server, world, load, faultEnds, verdict } = await createSite(t);
    await Promise.all([world.start('receiver'), world.start('worker')]);
    const { say, users } = load({ rate: 20 });
    const long = users.slice(0, 5);
    await Promise.all(long.map((openid) => say(openid, (n) => `noted 28000 n${n}`)));
    await eventually(() => t.expect(world.runs('start')).toHaveLength(5));
    await server.kill('SIGKILL');
    await sleep(20_000);
    await server.start();
    faultEnds();
    await sleep(3000);
    const figures = await verdict('23 Redis away 20 s, runs of 28 s, one worker');
    t.expect(figures).toMatchObject({ ...KEPT, refused: 0, repeated: 0 });
    t.expect(world.runs('start')).toHaveLength(5);
    t.expect(world.runs('end')).toHaveLength(5);
  });
});
