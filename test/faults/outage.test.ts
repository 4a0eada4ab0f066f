// Receivers, workers and Redis as processes of their own, and what becomes of pushes while Redis is away.
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { describe, inject, type TestContext, test } from 'vitest';
import { signedRequest } from '../../src/simulator/request.ts';
import { encodeFrame, readFrame } from '../../src/spool/frame.ts';
import type { Child } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { freePort } from '../helpers/ports.ts';
import { createRedisServer, type RedisServer } from '../helpers/redis-server.ts';
import { createWorld, type World } from '../helpers/world.ts';
import { newMsgId, newOpenid, textXml } from '../receiver/requests.ts';
import { filesIn, mountSmallDisk, segmentsIn } from '../spool/helpers.ts';
import { ACCOUNT } from './load.ts';
import { createFaultProxy } from './proxy.ts';

const needsRedis = describe.skipIf(!inject('realRedis'));

interface Site {
  readonly server: RedisServer;
  readonly world: World;
  readonly root: string;
}

/** A Redis of its own, an account, and a data directory; all gone when the test ends. */
async function createSite(t: TestContext, env: Record<string, string> = {}): Promise<Site> {
  const data = mkdtempSync(join(tmpdir(), 'wxrelay-data-'));
  t.onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const server = await createRedisServer();
  t.onTestFinished(() => server.close());
  const world = await createWorld({
    redisUrl: server.url,
    simulator: { attempts: 1 },
    env: { WXRELAY_DATA_DIR: data, ...env },
  });
  t.onTestFinished(() => world.close());
  return { server, world, root: join(data, 'spool') };
}

const say = async (world: World, openid: string, label: string) =>
  (await world.push({ openid, text: `slow 5 ${label}` })).answer?.kind;

const answersTo = (world: World, openid: string) =>
  world
    .sent()
    .filter((sent) => sent.openid === openid)
    .map(({ text }) => text.replace('done ', ''));

const opened = (receiver: Child) => eventually(() => receiver.events('spool.opened')[0] ?? Promise.reject(new Error()));

needsRedis.concurrent('while Redis is away', { timeout: 120_000 }, () => {
  test.for<[string, (server: RedisServer) => Promise<void>, (server: RedisServer) => Promise<void>]>([
    ['killed', (server) => server.kill('SIGKILL'), (server) => server.start()],
    ['frozen', (server) => server.kill('SIGSTOP'), (server) => server.kill('SIGCONT')],
  ])('%s for five seconds, every push of a steady stream is acked, and answered once and in order', async (how, t) => {
    const [, goAway, comeBack] = how;
    const { server, world, root } = await createSite(t);
    const [receiver] = await Promise.all([world.start('receiver'), world.start('worker')]);
    // Four pushes in a row, then it is another's turn: WeChat lets an account send five messages a push, and counts do not add up.
    const users = Array.from({ length: 100 }, newOpenid);
    const said = new Map<string, string[]>(users.map((openid) => [openid, []]));
    const answers: Promise<string | undefined>[] = [];
    let streaming = true;
    const stream = async () => {
      for (let n = 0; streaming; n++) {
        const openid = users[Math.floor(n / 4) % users.length] as string;
        said.get(openid)?.push(`n${n}`);
        answers.push(say(world, openid, `n${n}`));
        await sleep(20);
      }
    };
    const streamed = stream();
    await eventually(() => t.expect(world.sent().length).toBeGreaterThan(20));
    await goAway(server);
    await sleep(5000);
    await comeBack(server);
    await eventually(() => t.expect(receiver.events('spool.replayed').length).toBeGreaterThan(0));
    streaming = false;
    await streamed;
    t.expect(new Set(await Promise.all(answers))).toEqual(new Set(['success']));
    await eventually(() => t.expect(new Set(world.sent().map(({ text }) => text)).size).toBe(answers.length), 60_000);
    // A message that was being sent when Redis died may be sent again: that is the worker's business, and not looked at here.
    for (const openid of users)
      t.expect(answersTo(world, openid).filter((label, n, all) => label !== all[n - 1])).toEqual(said.get(openid));
    const traces = await world.redis.keys(`{${world.env['WXRELAY_PREFIX']}:0}:trace:*`);
    const steps = (await Promise.all(traces.map((key) => world.redis.lrange(key, 0, -1)))).flat();
    t.expect(steps.filter((step) => step.includes(' accepted text for slow'))).toHaveLength(answers.length);
    await eventually(() => t.expect(filesIn(root)).toEqual([]));
  });

  test('since the start, pushes are acked; they are answered when it comes', async (t) => {
    const { server, world, root } = await createSite(t);
    await server.kill('SIGKILL');
    const receiver = await world.start('receiver');
    const openid = newOpenid();
    for (const n of [1, 2, 3]) t.expect(await say(world, openid, `n${n}`)).toBe('success');
    t.expect(await opened(receiver)).toMatchObject({ level: 'error', advice: t.expect.stringContaining('Redis') });
    t.expect((await fetch(new URL('/readyz', world.receiverUrl))).status).toBe(200);
    await server.start();
    await world.start('worker');
    await eventually(() => t.expect(answersTo(world, openid)).toEqual(['n1', 'n2', 'n3']));
    t.expect(receiver.events('spool.opened')).toHaveLength(1);
    t.expect(receiver.events('spool.replayed')).toEqual([t.expect.objectContaining({ pushes: 3 })]);
    await eventually(() => t.expect(filesIn(root)).toEqual([]));
  });

  test('without memory is as good as away', async (t) => {
    const { server, world } = await createSite(t);
    const [receiver] = await Promise.all([world.start('receiver'), world.start('worker')]);
    const admin = new Redis(server.url);
    t.onTestFinished(() => admin.disconnect());
    const openid = newOpenid();
    t.expect(await say(world, openid, 'before')).toBe('success');
    await admin.config('SET', 'maxmemory', '1');
    t.expect(await say(world, openid, 'full')).toBe('success');
    const reasons = () => [...receiver.events('spool.opened'), ...receiver.events('spool.waits')].map(({ why }) => why);
    await eventually(() => t.expect(reasons().join()).toContain('OOM'));
    await admin.config('SET', 'maxmemory', '0');
    await eventually(() => t.expect(answersTo(world, openid)).toEqual(['before', 'full']));
  });

  test.for(['SIGKILL', 'SIGTERM'] as const)(
    'a receiver that ends by %s leaves what it spooled to the next one, which answers it first',
    async (signal, t) => {
      const { server, world, root } = await createSite(t);
      const first = await world.start('receiver');
      await server.kill('SIGKILL');
      const openid = newOpenid();
      for (const n of [1, 2, 3]) t.expect(await say(world, openid, `n${n}`)).toBe('success');
      first.kill(signal);
      await first.ended;
      t.expect(segmentsIn(root)).toHaveLength(1);
      const second = await world.start('receiver');
      t.expect(await say(world, openid, 'n4')).toBe('success');
      second.kill('SIGKILL');
      await second.ended;
      await server.start();
      const third = await world.start('receiver');
      t.expect(await say(world, openid, 'n5')).toBe('success');
      await world.start('worker');
      await eventually(() => t.expect(answersTo(world, openid)).toEqual(['n1', 'n2', 'n3', 'n4', 'n5']));
      t.expect(third.events('spool.adopted')).toHaveLength(1);
      await eventually(() => t.expect(filesIn(root)).toEqual([]));
    },
  );

  test('a receiver told to end while it replays slowly leaves the rest to the next one, and nothing is lost', async (t) => {
    const { server, world, root } = await createSite(t);
    const first = await world.start('receiver');
    await server.kill('SIGKILL');
    const openid = newOpenid();
    const msgId = newMsgId();
    t.expect((await world.push({ xml: textXml(openid, 'slow 5 first', msgId) })).answer?.kind).toBe('success');
    first.kill('SIGKILL');
    await first.ended;
    const [segment = ''] = segmentsIn(root);
    const found = readFrame(readFileSync(segment), 0);
    const payload = found.kind === 'record' ? found.payload : '';
    const count = 6000;
    const copies = Array.from({ length: count }, (_, n) =>
      encodeFrame(payload.replaceAll(msgId, `${n}`).replace('slow 5 first', `slow 5 n${n}`)),
    );
    appendFileSync(segment, Buffer.concat(copies));
    await server.start();
    const slow = await createFaultProxy(Number(new URL(server.url).port));
    t.onTestFinished(() => slow.close());
    slow.delay(100);
    // One follower has written all of it, and all of it is to be in their lane.
    const roomy = { WXRELAY_MAX_LANE: '10000' };
    const second = await world.start('receiver', { REDIS_URL: slow.url, ...roomy });
    const lane = async () => {
      const [key = ''] = await world.redis.keys('*:lane:handle:*');
      return (await world.redis.lrange(key, 0, -1)).map((entry) => / 5 (\w+)/.exec(entry)?.[1]);
    };
    await eventually(async () => t.expect((await lane()).length).toBeGreaterThan(0));
    second.kill('SIGTERM');
    t.expect(await second.ended).toBe(0);
    t.expect((await lane()).length).toBeLessThan(count);
    t.expect(segmentsIn(root)).not.toEqual([]);
    await world.start('receiver', roomy);
    await eventually(() => t.expect(filesIn(root)).toEqual([]));
    t.expect(await lane()).toEqual(['first', ...Array.from({ length: count }, (_, n) => `n${n}`)]);
  });

  test('what a receiver spooled before it died is replayed by another that lives', async (t) => {
    const { server, world, root } = await createSite(t);
    const [dying, living] = await Promise.all([
      world.start('receiver'),
      freePort().then((port) => world.start('receiver', { PORT: String(port) })),
    ]);
    await server.kill('SIGKILL');
    const openid = newOpenid();
    for (const n of [1, 2]) t.expect(await say(world, openid, `n${n}`)).toBe('success');
    dying.kill('SIGKILL');
    await eventually(() => t.expect(living.events('spool.adopted')).toHaveLength(1));
    await server.start();
    await world.start('worker');
    await eventually(() => t.expect(answersTo(world, openid)).toEqual(['n1', 'n2']));
    await eventually(() => t.expect(filesIn(root)).toEqual([]));
  });

  test('copies of a push get the same quick reply, then and later, and its work is done once', async (t) => {
    const { server, world } = await createSite(t);
    const receiver = await world.start('receiver');
    await server.kill('SIGKILL');
    const openid = newOpenid();
    const xml = textXml(openid, 'both once');
    const bodyOf = async () => (await world.push({ xml })).attempts[0]?.body;
    const copies = await Promise.all([1, 2, 3].map(bodyOf));
    t.expect(copies[0]).toContain('reply once');
    t.expect(copies).toEqual([copies[0], copies[0], copies[0]]);
    await server.start();
    await eventually(() => t.expect(receiver.events('spool.replayed')).toHaveLength(1));
    t.expect(await bodyOf()).toBe(copies[0]);
    await world.start('worker');
    await eventually(() => t.expect(world.sent().map(({ text }) => text)).toEqual(['answer once']));
    await eventually(async () =>
      t.expect(await world.redis.zcard(`{${world.env['WXRELAY_PREFIX']}:0}:oldest`)).toBe(0),
    );
  });

  test('a reply that is made when Redis is back already, and that nobody waited for, does not stay on disk', async (t) => {
    const { server, world, root } = await createSite(t);
    const receiver = await world.start('receiver');
    await server.kill('SIGSTOP');
    const openid = newOpenid();
    const xml = textXml(openid, 'both 3000 late');
    const { url, body } = signedRequest(world.receiverUrl, ACCOUNT, { xml, openid, to: '' });
    const hangUp = new AbortController();
    const pushed = fetch(url, { method: 'POST', body, signal: hangUp.signal }).catch(() => undefined);
    await opened(receiver);
    await server.kill('SIGCONT');
    hangUp.abort();
    await pushed;
    const claims = async () => {
      const keys = await world.redis.keys(`{${world.env['WXRELAY_PREFIX']}:0}:claim:*`);
      return Promise.all(keys.map((key) => world.redis.get(key)));
    };
    await eventually(async () => t.expect(await claims()).toEqual([t.expect.stringMatching(/^r<xml>.*reply late/s)]));
    await eventually(() => t.expect(filesIn(root)).toEqual([]));
  });

  test('and the disk is full, a push with work is refused, never acked; what was acked before is answered', async (t) => {
    const { server, world, root } = await createSite(t);
    if (!mountSmallDisk(t, root)) return t.skip('needs the right to mount a small tmpfs');
    await Promise.all([world.start('receiver'), world.start('worker')]);
    await server.kill('SIGKILL');
    const openid = newOpenid();
    const acked: string[] = [];
    // Long words fill the disk sooner.
    const label = (n: number) => `n${n}-${'x'.repeat(2000)}`;
    for (let n = 0; n < 100; n++) {
      const { attempts } = await world.push({ openid, text: `stubborn 5 ${label(n)}` });
      if (attempts[0]?.status !== 200) {
        t.expect(attempts.map(({ status }) => status)).toEqual([500]);
        break;
      }
      acked.push(`n${n}`);
    }
    t.expect(acked.length).toBeGreaterThan(3);
    t.expect(acked.length).toBeLessThan(100);
    await server.start();
    const heads = () => [...new Set(world.runs('start').map((line) => /n\d+/.exec(line)?.[0]))];
    await eventually(() => t.expect(heads()).toEqual(acked));
  });

  test('and there is no place to spool, a push with work is refused, and /readyz says so', async (t) => {
    const { server, world, root } = await createSite(t);
    writeFileSync(root, 'a file stands where the directory should be');
    await world.start('receiver');
    t.expect((await fetch(new URL('/readyz', world.receiverUrl))).status).toBe(200);
    await server.kill('SIGKILL');
    const { attempts } = await world.push({ openid: newOpenid(), text: 'slow 5 away' });
    t.expect(attempts.map(({ status }) => status)).toEqual([500]);
    t.expect((await fetch(new URL('/readyz', world.receiverUrl))).status).toBe(503);
  });

  test('with WXRELAY_SPOOL=always every push is on disk first, and answered in order, with Redis and without', async (t) => {
    const { server, world, root } = await createSite(t, { WXRELAY_SPOOL: 'always' });
    const [receiver] = await Promise.all([world.start('receiver'), world.start('worker')]);
    const [early, late] = [newOpenid(), newOpenid()];
    const labels = (name: string) => Array.from({ length: 4 }, (_, n) => `${name}${n}`);
    for (const label of labels('a')) t.expect(await say(world, early, label)).toBe('success');
    await eventually(() => t.expect(answersTo(world, early)).toEqual(labels('a')));
    await eventually(() => t.expect(filesIn(root)).toEqual([]));
    await server.kill('SIGKILL');
    for (const label of labels('b')) t.expect(await say(world, late, label)).toBe('success');
    t.expect(segmentsIn(root)).toHaveLength(1);
    await server.start();
    await eventually(() => t.expect(answersTo(world, late)).toEqual(labels('b')));
    await eventually(() => t.expect(filesIn(root)).toEqual([]));
    t.expect(receiver.events('spool.opened')).toEqual([]);
  });

  test('with WXRELAY_SPOOL=always an answer does not overtake the passive reply of its push, and Redis knows when that has left', async (t) => {
    const { world } = await createSite(t, { WXRELAY_SPOOL: 'always' });
    await Promise.all([world.start('receiver'), world.start('worker')]);
    const openid = newOpenid();
    t.expect((await world.push({ openid, text: 'both x' })).attempts[0]?.body).toContain('reply x');
    await eventually(() => t.expect(world.sent().map(({ text }) => text)).toEqual(['answer x']));
    const prefix = world.env['WXRELAY_PREFIX'];
    const claims = await world.redis.keys(`{${prefix}:0}:claim:*`);
    t.expect(await Promise.all(claims.map((key) => world.redis.get(key)))).toEqual([
      t.expect.stringMatching(/^f<xml>/),
    ]);
  });

  test('with WXRELAY_SPOOL=off a push with work is refused, and nothing is written to disk', async (t) => {
    const { server, world, root } = await createSite(t, { WXRELAY_SPOOL: 'off' });
    await world.start('receiver');
    await server.kill('SIGKILL');
    const { attempts } = await world.push({ openid: newOpenid(), text: 'slow 5 away' });
    t.expect(attempts.map(({ status }) => status)).toEqual([500]);
    t.expect(filesIn(root)).toEqual([]);
    t.expect((await fetch(new URL('/readyz', world.receiverUrl))).status).toBe(503);
  });
});
