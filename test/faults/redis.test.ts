// Redis that dies, freezes, is not there yet, fails over, is full, or is tidied by an operator. Rows 4, 5, 6, 9, 10 and 21.
import { setTimeout as sleep } from 'node:timers/promises';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { createRedisServer } from '../helpers/redis-server.ts';
import { openPipeline } from './pipeline.ts';
import { createFaultProxy } from './proxy.ts';
import { createSite, KEPT, row } from './site.ts';

row('when Redis goes away', () => {
  test('4. Redis is killed and started again under load, three times', async (t) => {
    const { server, world, load, sendsUnderWay, faultEnds, verdict } = await createSite(t);
    await Promise.all([world.start('receiver'), world.start('worker')]);
    load({ rate: 40 });
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
    load({ rate: 40 });
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
    load({ rate: 40 });
    await sleep(10_000);
    await server.start();
    faultEnds();
    await worker;
    await sleep(3000);
    const figures = await verdict('6 Redis absent at the start for 10 s');
    t.expect(figures).toMatchObject({ ...KEPT, refused: 0, repeated: 0 });
  });

  test('9. Redis fails over to a replica: what the replica had not heard of yet is lost, and nothing else', async (t) => {
    let front: Awaited<ReturnType<typeof createFaultProxy>> | undefined;
    const site = await createSite(t, {
      redisUrl: async ({ url }) => {
        front = await createFaultProxy(Number(new URL(url).port));
        return front.url;
      },
    });
    const { server, world, load, faultEnds, verdict } = site;
    const link = await createFaultProxy(Number(new URL(server.url).port));
    const replica = await createRedisServer(['--replicaof', '127.0.0.1', String(link.port)]);
    for (const thing of [replica, link, front]) t.onTestFinished(() => thing?.close());
    const heir = new Redis(replica.url);
    t.onTestFinished(() => heir.disconnect());
    await eventually(async () => t.expect(await heir.info('replication')).toContain('master_link_status:up'));
    link.delay(5);
    await Promise.all([world.start('receiver'), world.start('worker')]);
    const { sayings } = load({ rate: 60 });
    await sleep(4000);
    await server.kill('SIGKILL');
    const died = Date.now();
    await heir.replicaof('NO', 'ONE');
    front?.leadTo(Number(new URL(replica.url).port));
    front?.cut();
    faultEnds();
    await sleep(4000);
    const figures = await verdict('9 failover to a replica 5 ms behind', { within: 30_000 });
    t.expect(figures).toMatchObject({ outOfOrder: 0, timedOut: 0 });
    console.log(
      `failover lost ${figures.lost} of ${figures.accepted}: a replica that lags loses what it has not got; without WAIT nobody can promise more`,
    );
    const answered = new Set(site.api.receipts.map(({ openid, text }) => `${openid} ${text}`));
    const later = sayings.filter(({ ackedAt = 0 }) => ackedAt > died + 1000);
    t.expect(later.length).toBeGreaterThan(100);
    t.expect(later.filter(({ openid, n }) => !answered.has(`${openid} done n${n}`))).toEqual([]);
  });

  test('9. Redis hands over to a replica in good order, and every connection to the old master stays open', async (t) => {
    let front: Awaited<ReturnType<typeof createFaultProxy>> | undefined;
    const { server, world, load, sendsUnderWay, faultEnds, verdict } = await createSite(t, {
      redisUrl: async ({ url }) => {
        front = await createFaultProxy(Number(new URL(url).port));
        return front.url;
      },
    });
    const replica = await createRedisServer(['--replicaof', '127.0.0.1', new URL(server.url).port]);
    for (const thing of [replica, front]) t.onTestFinished(() => thing?.close());
    const [old, heir] = [server, replica].map(({ url }) => new Redis(url)) as [Redis, Redis];
    for (const redis of [old, heir]) t.onTestFinished(() => redis.disconnect());
    await eventually(async () => t.expect(await heir.info('replication')).toContain('master_link_status:up'));
    await Promise.all([world.start('receiver'), world.start('worker')]);
    load({ rate: 60, write: (n) => `work ${n % 3 === 0 ? 800 : 5} n${n}` });
    await sleep(3000);
    // As a Sentinel would tell: whoever connects from now on finds the new master.
    front?.leadTo(Number(new URL(replica.url).port));
    await old.call('FAILOVER');
    await eventually(async () => t.expect(await old.info('replication')).toContain('role:slave'));
    faultEnds();
    await sleep(3000);
    // The test's own connection does as it likes.
    world.redis.disconnect(true);
    const figures = await verdict('9 handed over to a replica, connections stay');
    t.expect(figures).toMatchObject({ ...KEPT, refused: 0, repeated: 0 });
    t.expect(await sendsUnderWay()).toBe(0);
  });

  test('10. Redis is out of memory for eight seconds', async (t) => {
    const { world, load, faultEnds, verdict } = await createSite(t);
    const [receiver] = await Promise.all([world.start('receiver'), world.start('worker')]);
    load({ rate: 40 });
    await sleep(2000);
    await world.redis.config('SET', 'maxmemory', '1mb');
    await sleep(8000);
    await world.redis.config('SET', 'maxmemory', '0');
    faultEnds();
    await sleep(3000);
    const figures = await verdict('10 Redis full for 8 s');
    t.expect(figures).toMatchObject({ ...KEPT, refused: 0, repeated: 0 });
    const said = receiver.events('spool.opened').map(({ why, advice }) => `${why} ${advice}`);
    t.expect(said.join()).toMatch(/OOM.*memory/);
  });

  test('10. memory that comes and goes between two pushes of a user does not swap them', async (t) => {
    const { server, world, load, faultEnds, verdict } = await createSite(t);
    // Some way off, so that there is always something on its way.
    const proxy = await createFaultProxy(Number(new URL(server.url).port));
    t.onTestFinished(() => proxy.close());
    proxy.delay(10);
    const [receiver] = await Promise.all([world.start('receiver', { REDIS_URL: proxy.url }), world.start('worker')]);
    const running = load({ rate: 0, users: 3 });
    const lines = await Promise.all(running.users.map((openid) => openPipeline(running, world.receiverUrl, openid)));
    for (const line of lines) t.onTestFinished(() => line.close());
    for (const line of lines) await line.say((n) => `work 0 n${n}`);
    const counted = (event: string) => receiver.events(event).length;
    const refusals = () => receiver.events('spool.opened').filter(({ why }) => String(why).includes('OOM')).length;
    while (refusals() < 4) {
      let writing = true;
      const write = async () => {
        for (; writing; await sleep(5)) for (const line of lines) void line.say((n) => `work 0 n${n}`);
      };
      const written = write();
      await sleep(200);
      await world.redis.config('SET', 'maxmemory', '1mb');
      await sleep(15);
      await world.redis.config('SET', 'maxmemory', '0');
      await sleep(100);
      writing = false;
      await written;
      // A receiver says once why it went to the disk: it has to be back for the next time.
      await eventually(() => t.expect(counted('spool.replayed')).toBe(counted('spool.opened')));
    }
    faultEnds();
    const figures = await verdict('10 memory comes and goes, 15 ms');
    t.expect(figures).toMatchObject({ ...KEPT, refused: 0, repeated: 0 });
  });

  test('21. an operator cleans, drains, retries and deletes all that BullMQ keeps: the lanes survive', async (t) => {
    const { world, tag, load, sendsUnderWay, faultEnds, verdict } = await createSite(t);
    await Promise.all([world.start('receiver'), world.start('worker')]);
    load({ rate: 30, write: (n) => `work ${n % 2 === 0 ? 300 : 5} n${n}` });
    const names = ['wake', 'handle', 'deliver', 'dead'];
    const queues = names.map((name) => new Queue(name, { connection: world.redis, prefix: tag }));
    t.onTestFinished(() => void Promise.all(queues.map((queue) => queue.close())));
    let underWay = 0;
    await sleep(1000);
    for (let rounds = 0; rounds < 4; rounds++) {
      for (const queue of queues) {
        await queue.clean(0, 1000, 'completed');
        await queue.retryJobs({ state: 'failed' });
        await queue.drain(true);
        for (const job of await queue.getJobs(['active', 'waiting', 'delayed']))
          await job.remove().catch(() => undefined);
      }
      await sleep(500);
      underWay += await sendsUnderWay();
      for (const name of names) {
        const keys = await world.redis.keys(`${tag}:${name}:*`);
        if (keys.length > 0) await world.redis.del(...keys);
      }
      await sleep(500);
    }
    faultEnds();
    await sleep(3000);
    const figures = await verdict('21 operator deletes all of BullMQ, 4 times');
    t.expect(figures).toMatchObject({ ...KEPT, refused: 0 });
    t.expect(figures.repeated).toBeLessThanOrEqual(underWay);
  });
  test('21. what is left of deleted jobs stands in no lane’s way', async (t) => {
    const { world, tag, load, faultEnds, verdict } = await createSite(t);
    await world.start('receiver');
    const { users, say } = load({ rate: 0, users: 4 });
    for (const openid of users) await say(openid);
    // Whoever deletes under load leaves keys that name jobs which are gone, or which only have the same number.
    const lanes = await world.redis.keys(`${tag}:lane:handle:*`);
    t.expect(lanes).toHaveLength(4);
    await world.redis.hset(`${tag}:handle:999`, 'name', 'push', 'data', '{"user":"nobody"}');
    for (const lane of lanes) await world.redis.set(`${tag}:handle:de:${lane.split(':').at(-1)}`, '999');
    faultEnds();
    await world.start('worker');
    const figures = await verdict('21 keys left behind by deleted jobs');
    t.expect(figures).toMatchObject({ ...KEPT, accepted: 4, repeated: 0 });
  });
});
