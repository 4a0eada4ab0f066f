// An API that is slow, broken, or does not know our token any more. Rows 14 and 15.
import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import type { Trouble } from './api.ts';
import { createSite, KEPT, row } from './site.ts';

/** Each hits every third send, some thirty times; `doubted`: a send of it may have arrived. */
const TROUBLES: readonly { name: string; trouble: Trouble; doubted?: boolean }[] = [
  { name: 'is slow by 2 s', trouble: { delay: 2000 } },
  { name: 'answers 502', trouble: { status: 502 }, doubted: true },
  { name: 'hangs, and the message has arrived', trouble: { hang: true }, doubted: true },
  { name: 'is cut in its answer, and the message has arrived', trouble: { cut: true }, doubted: true },
  {
    name: 'is cut in its answer, and the message has not arrived',
    trouble: { cut: true, arrives: false },
    doubted: true,
  },
  { name: 'is busy (-1)', trouble: { errcode: -1 } },
];

row('when the API is in trouble', () => {
  for (const policy of ['resend', 'hold'] as const)
    for (const { name, trouble, doubted = false } of TROUBLES.filter((one) => policy === 'resend' || one.doubted))
      test(`14. the API ${name}, in-doubt sends: ${policy}`, async (t) => {
        const { world, api, load, faultEnds, verdict } = await createSite(t, { env: { WXRELAY_IN_DOUBT: policy } });
        await Promise.all([world.start('receiver'), world.start('worker')]);
        load({ rate: 20 });
        await eventually(() => t.expect(api.receipts.length).toBeGreaterThan(20));
        let [calls, hits] = [0, 0];
        api.sendTrouble = () => {
          if (calls++ % 3 !== 0) return undefined;
          hits++;
          return trouble;
        };
        await eventually(() => t.expect(hits).toBeGreaterThan(30));
        api.sendTrouble = () => undefined;
        faultEnds();
        await sleep(1000);
        const figures = await verdict(`14 API ${name}, ${policy}`, { listed: policy === 'hold' });
        t.expect(figures).toMatchObject({ ...KEPT, refused: 0 });
        t.expect(figures.repeated).toBeLessThanOrEqual(doubted && policy === 'resend' ? hits : 0);
        if (policy === 'hold') t.expect(figures.inDoubt).toBe(hits);
      });

  test('14. the API says that the day’s calls are used up (45009): it is left in peace, and every answer is kept until they are back', async (t) => {
    const { world, api, tag, load, faultEnds, verdict } = await createSite(t);
    await Promise.all([world.start('receiver'), world.start('worker')]);
    let calls = 0;
    api.sendTrouble = () => {
      calls++;
      return { errcode: 45009 };
    };
    const { users, say } = load({ rate: 0, users: 20 });
    for (const openid of users) await say(openid);
    const kept = async () => (await world.redis.keys(`${tag}:lane:deliver:*`)).length;
    await eventually(async () => t.expect(await kept()).toBe(20));
    // What was under way when the first refusal came back was refused as well; nothing is asked after that.
    const asked = calls;
    t.expect(asked).toBeLessThanOrEqual(20);
    await sleep(3000);
    t.expect([calls, await kept()]).toEqual([asked, 20]);
    // Midnight in China: nothing rests any more.
    api.sendTrouble = () => undefined;
    faultEnds();
    await world.redis.del(...(await world.redis.keys(`*{${world.env['WXRELAY_PREFIX']}:wx*:pause:*`)));
    await eventually(async () => {
      for (const lane of await world.redis.keys(`${tag}:lane:deliver:*`)) {
        await world.redis.hdel(lane.replace(':lane:', ':state:'), 'wait');
        await world.redis.zadd(`${tag}:check`, 0, lane.slice(`${tag}:lane:`.length));
      }
      // A worker goes for a while by what it knew.
      await sleep(2000);
      t.expect(await kept()).toBe(0);
    });
    const figures = await verdict('14 API’s calls of the day are used up (45009)');
    t.expect(figures).toMatchObject({ ...KEPT, accepted: 20, repeated: 0 });
  });

  test('15. three workers whose token is refused at once fetch one new one', async (t) => {
    const { world, api, load, faultEnds, verdict } = await createSite(t);
    await Promise.all([world.start('receiver'), ...[1, 2, 3].map(() => world.start('worker'))]);
    load({ rate: 40 });
    await eventually(() => t.expect(api.receipts.length).toBeGreaterThan(60));
    for (const expected of [2, 3]) {
      t.expect(api.tokenFetches).toBe(expected - 1);
      api.revoke();
      const before = api.receipts.length;
      await eventually(() => t.expect(api.receipts.length).toBeGreaterThan(before + 100));
      t.expect(api.tokenFetches).toBe(expected);
    }
    faultEnds();
    const figures = await verdict('15 token refused, three workers');
    t.expect(figures).toMatchObject({ ...KEPT, refused: 0, repeated: 0, inDoubt: 0 });
    t.expect(api.tokenFetches).toBe(3);
  });

  test('15. a worker is killed while it fetches the token: another fetches it, once', async (t) => {
    const { world, api, load, faultEnds, verdict } = await createSite(t);
    const [, fetcher] = await Promise.all([world.start('receiver'), world.start('worker')]);
    load({ rate: 40 });
    await eventually(() => t.expect(api.receipts.length).toBeGreaterThan(40));
    api.tokenTrouble = () => ({ hang: true });
    api.revoke();
    await eventually(() => t.expect(api.tokenFetches).toBe(2));
    fetcher.kill('SIGKILL');
    await fetcher.ended;
    api.tokenTrouble = () => undefined;
    await Promise.all([1, 2, 3].map(() => world.start('worker')));
    faultEnds();
    await sleep(3000);
    const figures = await verdict('15 worker killed while it fetches the token');
    t.expect(figures).toMatchObject({ ...KEPT, refused: 0 });
    t.expect(api.tokenFetches).toBe(3);
  });
});
