import { setTimeout as sleep } from 'node:timers/promises';
import { test } from 'vitest';
import { createFaultProxy } from '../proxy.ts';
import { createSite, KEPT, row } from '../site.ts';
import { startCast } from './cast.ts';
import { RANDOM_SECONDS, SEED, seeded, timeoutOf } from './settings.ts';

/** Short and long work, work that fails at first, and work beside a reply that has to be made. */
const WORK = ['work 5', 'work 5', 'replies', 'work 400', 'falters'];

row('soak', () => {
  test(`a random schedule of faults for ${RANDOM_SECONDS} s, seed ${SEED}`, {
    timeout: timeoutOf(RANDOM_SECONDS),
  }, async (t) => {
    console.log(`seed ${SEED}: npm run soak -- --only random --minutes ${RANDOM_SECONDS / 60} --seed ${SEED}`);
    const random = seeded(SEED);
    const between = (from: number, to: number) => from + random() * (to - from);
    const site = await createSite(t, { env: { WXRELAY_PARTITIONS: '2' } });
    const { server, world } = site;
    const port = Number(new URL(server.url).port);
    const proxies = [await createFaultProxy(port), await createFaultProxy(port)] as const;
    for (const proxy of proxies) t.onTestFinished(() => proxy.close());
    const [receiverEnv, workerEnv] = proxies.map(({ url }) => ({ REDIS_URL: url }));
    const cast = await startCast(t, site, { receiver: receiverEnv ?? {}, worker: workerEnv ?? {} });
    site.load({ rate: 80, users: 400, write: (n) => `${WORK[n % WORK.length]} n${n}` });

    /** Each draws its chances before it waits for anything, or two at once would draw each other's. As in the matrix; 6, Redis absent at the start, comes of two at once, and 9, a failover, may lose and is left out. */
    const faults: Record<string, () => Promise<unknown>> = {
      'a worker is killed': () => cast.kill(cast.nextWorker()),
      'a worker is frozen': async () => {
        const worker = cast.nextWorker();
        worker.kill('SIGSTOP');
        await Promise.all([cast.countSends(), sleep(between(1000, 25_000))]);
        worker.kill('SIGCONT');
      },
      'the receiver is killed': () => cast.kill(cast.receiver),
      'Redis is killed': async () => {
        const ms = between(0, 8000);
        await server.kill('SIGKILL');
        await sleep(ms);
        await server.start();
      },
      'Redis is frozen': async () => {
        const ms = between(100, 8000);
        await server.kill('SIGSTOP');
        await sleep(ms);
        await server.kill('SIGCONT');
      },
      'connections are swallowed': async () => proxies[random() < 0.5 ? 0 : 1].swallow(),
      'connections are cut': async () => proxies[random() < 0.5 ? 0 : 1].cut(),
      'answers are lost': async () => {
        const pause = between(50, 500);
        for (let lost = 0; lost < 5; lost++, await sleep(pause)) for (const proxy of proxies) proxy.dropReply();
      },
      'memory is full': async () => {
        const ms = between(10, 5000);
        await world.redis.config('SET', 'maxmemory', '1mb');
        await sleep(ms);
        await world.redis.config('SET', 'maxmemory', '0');
      },
    };
    const names = Object.keys(faults);
    const pick = () => names[Math.floor(random() * names.length)] as string;
    for (const end = Date.now() + RANDOM_SECONDS * 1000; Date.now() < end; ) {
      const together = random() < 0.3 ? [...new Set([pick(), pick()])] : [pick()];
      // One Redis cannot be frozen and killed, or full, at once.
      const chosen = together.filter((name, n) => n === 0 || !/Redis|memory/.test(name));
      console.log(`${new Date().toISOString()} ${chosen.join(', and ')}`);
      await Promise.all(chosen.map((name) => faults[name]?.()));
      await sleep(between(0, 6000));
    }
    site.faultEnds();
    await sleep(5000);
    const figures = await site.verdict(`soak: random faults for ${RANDOM_SECONDS} s, seed ${SEED}`, {
      within: 300_000,
    });
    t.expect(figures).toMatchObject(KEPT);
    t.expect(figures.repeated).toBeLessThanOrEqual(cast.underWay);
  });
});
