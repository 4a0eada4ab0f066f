// Networks that swallow, cut and drop. Rows 7 and 8.
import { setTimeout as sleep } from 'node:timers/promises';
import { type TestContext, test } from 'vitest';
import { connectWorker } from '../../src/store/connection.ts';
import { runScript } from '../../src/store/scripts.ts';
import { eventually } from '../helpers/eventually.ts';
import { createFaultProxy } from './proxy.ts';
import { createSite, KEPT, row } from './site.ts';

const start = async (t: TestContext) => {
  const site = await createSite(t);
  const port = Number(new URL(site.server.url).port);
  const proxies = { receiver: await createFaultProxy(port), worker: await createFaultProxy(port) };
  for (const proxy of Object.values(proxies)) t.onTestFinished(() => proxy.close());
  await Promise.all([
    site.world.start('receiver', { REDIS_URL: proxies.receiver.url }),
    site.world.start('worker', { REDIS_URL: proxies.worker.url }),
  ]);
  return { ...site, proxies };
};

row('when the network to Redis fails', () => {
  test('7. connections that a network has swallowed, without a word to either side', async (t) => {
    const { proxies, load, faultEnds, verdict } = await start(t);
    load({ rate: 30 });
    await sleep(2000);
    proxies.receiver.swallow();
    await sleep(5000);
    proxies.worker.swallow();
    faultEnds();
    await sleep(8000);
    const figures = await verdict('7 connections swallowed');
    t.expect(figures).toMatchObject({ ...KEPT, refused: 0, repeated: 0 });
  });

  test('8. commands that are carried out and whose answers are lost put nothing anywhere twice', async (t) => {
    const { world, tag, proxies, load, faultEnds, verdict } = await start(t);
    load({ rate: 30 });
    await sleep(1000);
    for (let faults = 0; faults < 20; faults++) {
      proxies.receiver.dropReply();
      proxies.worker.dropReply();
      await sleep(500);
    }
    faultEnds();
    await sleep(3000);
    const figures = await verdict('8 answers of Redis lost, 20 times');
    t.expect(figures).toMatchObject({ ...KEPT, refused: 0, repeated: 0 });
    const traces = await world.redis.keys(`${tag}:trace:*`);
    const steps = (await Promise.all(traces.map((key) => world.redis.lrange(key, 0, -1)))).flat();
    t.expect(steps.filter((step) => step.includes(' accepted text for '))).toHaveLength(figures.accepted);
  });

  test('8. a lane whose wake-up was lost is found again where the sweeper’s answer is lost too', async (t) => {
    const { server, world, tag, load } = await createSite(t);
    const proxy = await createFaultProxy(Number(new URL(server.url).port));
    t.onTestFinished(() => proxy.close());
    await world.start('receiver');
    const { users, say } = load({ rate: 0, users: 3 });
    for (const openid of users) await say(openid);
    // Here it is the test that sweeps, with a worker's connection and its scripts.
    const redis = connectWorker(proxy.url, () => undefined);
    t.onTestFinished(() => redis.disconnect());
    const sweep = () => runScript<string[]>(redis, 'sweep', [tag], ['the test', 60_000, 500]);
    await eventually(async () => t.expect(await sweep()).toHaveLength(3));
    proxy.dropReply();
    const found = await sweep();
    t.expect(found).toHaveLength(3);
    await runScript(redis, 'swept', [tag], [60_000, ...found]);
    t.expect(await sweep()).toEqual([]);
  });
});
