import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, inject, type TestContext, test, vi } from 'vitest';
import { aclRules, NEEDED, OPTIONAL } from '../../src/store/redis-needs.ts';
import { eventually } from '../helpers/eventually.ts';
import { signIn } from '../monitor/harness.ts';
import { createSite } from './site.ts';

type Site = Awaited<ReturnType<typeof createSite>>;

async function startAll(t: TestContext, rights: (prefix: string) => readonly string[]) {
  const site = await createSite(t, { rights });
  const [monitor] = await Promise.all([site.monitor(), site.receiver(), site.worker()]);
  return { site, monitor };
}

/** A quick reply, a slow push, a parked answer, a dead one that is resent, a send, a trace, forgetting, and the monitor's pages. */
async function doEverything(site: Site, monitor: Awaited<ReturnType<Site['monitor']>>): Promise<void> {
  const { world, tool, texts } = site;
  const openid = 'oLeastRights'.padEnd(28, '0');
  const say = (text: string) => world.push({ openid, text });
  const { attempts } = await say('hi');
  expect(attempts.at(-1)?.body).toContain('Hi');
  await say('slow one');
  await eventually(() => expect(texts()).toContain('done one 1'));
  await say('many');
  await eventually(() => expect(texts().join()).toContain('part 3'));
  await eventually(async () => expect((await tool('queue', 'list', '--parked')).lines.join()).toContain('parked'));
  await say('继续');
  await eventually(() => expect(texts().join()).toContain('part 6'));
  await say('broken');
  const dead = await eventually(async () => {
    const { stdout } = await tool('queue', 'list', '--json');
    return JSON.parse(stdout.split('\n')[0] as string);
  });
  await tool('queue', 'resend', dead.key);
  await eventually(async () => {
    const { stdout } = await tool('queue', 'list', '--json');
    expect(JSON.parse(stdout.split('\n')[0] as string).at).toBeGreaterThan(dead.at);
  });
  expect((await tool('queue', 'drop', '--all')).stdout).toContain('dropped');
  expect((await tool('send', openid, 'from a tool')).code).toBe(0);
  await eventually(() => expect(texts()).toContain('from a tool'));
  expect((await tool('trace', openid)).stdout).toContain('accepted text for slow');
  for (const path of ['/metrics', '/queues/api/queues'])
    expect(
      (await fetch(`http://127.0.0.1:${monitor.port}${path}`, { headers: signIn('a long password') })).status,
    ).toBe(200);
  await useGateway(site, openid);
  expect((await tool('forget', openid)).stdout).toContain('Forgotten');
}

/** A token, and a send, each counted against a limit. */
async function useGateway(site: Site, openid: string): Promise<void> {
  const ask = await site.gateway();
  expect((await ask('/token')).status).toBe(200);
  expect((await ask('/send', { openid, text: 'from the gateway' })).status).toBe(202);
  await eventually(() => expect(site.texts()).toContain('from the gateway'));
}

describe.skipIf(!inject('realRedis'))('a user of Redis with the rights that docs/redis.md lists, and no others', () => {
  test('with what is optional: all works, and nothing is refused', async (t) => {
    const { site, monitor } = await startAll(t, (prefix) => aclRules(prefix, [...NEEDED, ...Object.keys(OPTIONAL)]));
    await doEverything(site, monitor);
    expect(await site.denied()).toEqual([]);
    expect(site.events('redis.refused')).toEqual([]);
  });

  test('without what is optional: all works too, only that is refused, and no library writes to the console', async (t) => {
    const written = (['warn', 'error'] as const).map((method) => vi.spyOn(console, method));
    const { site, monitor } = await startAll(t, (prefix) => [...aclRules(prefix), 'resetchannels']);
    await doEverything(site, monitor);
    const optional = Object.keys(OPTIONAL);
    expect((await site.denied()).filter((name) => !optional.includes(name))).toEqual([]);
    expect(site.events('redis.refused')).toEqual([]);
    expect(site.events('job.failed')).toEqual([]);
    expect(written.flatMap(({ mock }) => mock.calls)).toEqual([]);
  });

  test('its policy is said by our log alone', async (t) => {
    const warn = vi.spyOn(console, 'warn');
    const site = await createSite(t, { flags: ['--maxmemory-policy', 'volatile-lru'] });
    await site.worker();
    expect(site.events('redis.setup')).toEqual([
      expect.objectContaining({ problem: expect.stringContaining('its maxmemory-policy is volatile-lru') }),
    ]);
    expect(warn).not.toHaveBeenCalled();
  });
});

test.each([
  ['our own scripts', new URL('../../src/store/lua', import.meta.url).pathname],
  ['those of BullMQ', join(dirname(createRequire(import.meta.url).resolve('bullmq')), 'scripts')],
])('the list has every command of %s', (_, folder) => {
  const calls = readdirSync(folder).flatMap((file) => [
    ...(/\.(lua|js)$/.test(file) ? readFileSync(join(folder, file), 'utf8') : '').matchAll(
      /(?:rcall|redis\.p?call)\(\s*['"]([A-Za-z]+)['"]/g,
    ),
  ]);
  const commands = new Set(calls.map(([, name = '']) => name.toUpperCase()));
  expect(commands.size).toBeGreaterThan(20);
  expect([...commands].filter((name) => !NEEDED.includes(name) && !(name in OPTIONAL))).toEqual([]);
});

test('the list has every command that src/store sends by itself', () => {
  const folder = new URL('../../src/store/', import.meta.url);
  const sources = readdirSync(folder).filter((file) => file.endsWith('.ts'));
  const calls = sources.flatMap((file) => [
    ...readFileSync(new URL(file, folder), 'utf8').matchAll(/(?:redis|pipeline|facts|list|multi\(\))\s*\.([a-z]+)\(/g),
  ]);
  const sent = new Set(calls.map(([, name = '']) => name.toUpperCase()));
  const known = [...NEEDED, ...Object.keys(OPTIONAL)].map((name) => name.split('|')[0]);
  const ofTheClient = ['CALL', 'CONNECT', 'DISCONNECT', 'DUPLICATE', 'MAP', 'ON', 'ONCE', 'PIPELINE'];
  expect(sent.size).toBeGreaterThan(20);
  expect([...sent].filter((name) => !known.includes(name) && !ofTheClient.includes(name))).toEqual([]);
});
