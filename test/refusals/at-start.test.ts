import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { aclRules, NEEDED, OPTIONAL } from '../../src/store/redis-needs.ts';
import { eventually } from '../helpers/eventually.ts';
import { createSite } from './site.ts';

type Site = Awaited<ReturnType<typeof createSite>>;

interface Case {
  readonly kind: string;
  /** What the line names besides. */
  readonly refused?: string[];
  readonly flags?: string[];
  refuse?(site: Site): Promise<unknown>;
  allow(site: Site): Promise<unknown>;
}

const ALL = [...NEEDED, ...Object.keys(OPTIONAL)];
const rights = (prefix: string) => aclRules(prefix, ALL);

/** Starts the server anew, without what its configuration had taken away. */
const mend = async ({ server, flags, prefix, allow }: Site) => {
  await server.kill('SIGTERM');
  flags.length = 0;
  await server.start();
  await allow('on', '>secret', ...rights(prefix));
};

const renamed = (command: string): [string, Case] => [
  `${command} is renamed away`,
  { kind: 'command', refused: [command], flags: ['--rename-command', command, ''], allow: mend },
];

const CASES: [string, Case][] = [
  renamed('EVALSHA'),
  renamed('BZPOPMIN'),
  [
    'its user may not run two commands that scripts need',
    {
      kind: 'right',
      refused: ['HSET', 'ZADD'],
      refuse: ({ allow }) => allow('-hset', '-zadd'),
      allow: ({ allow }) => allow('+hset', '+zadd'),
    },
  ],
  [
    'it is a replica',
    {
      kind: 'replica',
      refuse: ({ admin }) => admin.replicaof('127.0.0.1', '1'),
      allow: ({ admin }) => admin.replicaof('NO', 'ONE'),
    },
  ],
  [
    'it takes no more connections',
    {
      kind: 'clients',
      refuse: ({ admin }) => admin.config('SET', 'maxclients', '1'),
      allow: ({ admin }) => admin.config('SET', 'maxclients', '1000'),
    },
  ],
  ['it is a Cluster without slots', { kind: 'cluster', flags: ['--cluster-enabled', 'yes'], allow: mend }],
];

/** How much is asked and said in a time is the fact. */
const FOR_A_WHILE = 3000;

describe.skipIf(!inject('realRedis')).concurrent('a Redis that refuses at the start', { timeout: 120_000 }, () => {
  test.for(CASES)('(%s) is told from a silent one, and all begins by itself', async ([, one], t) => {
    const site = await createSite(t, { rights, flags: one.flags ?? [] });
    const { world, lines, events, texts } = site;
    await one.refuse?.(site);
    const [spooling, strict] = await Promise.all([site.receiver(), site.receiver({ WXRELAY_SPOOL: 'off', PORT: '0' })]);
    const working = site.worker();
    const ready = async ({ port }: { port: number }) => (await fetch(`http://127.0.0.1:${port}/readyz`)).status;
    const openid = `oStart${one.kind}`.padEnd(28, '0');
    t.expect((await world.push({ openid, text: 'slow one' })).attempts.at(-1)?.body).toBe('success');
    await eventually(() => t.expect(events('redis.refused').length).toBeGreaterThanOrEqual(3));
    const before = await site.connections();
    await sleep(FOR_A_WHILE);
    for (const line of events('redis.refused'))
      t.expect(line).toMatchObject({ level: 50, kind: one.kind, ...(one.refused ? { refused: one.refused } : {}) });
    t.expect(events('redis.refused')).toHaveLength(3);
    t.expect(lines.length).toBeLessThan(30);
    t.expect((await site.connections()) - before).toBeLessThan(60);
    t.expect([await ready(spooling), await ready(strict)]).toEqual([200, 503]);

    await one.allow(site);
    await working;
    await eventually(() => t.expect(texts()).toEqual(['done one 1']));
    await eventually(async () => t.expect(await ready(strict)).toBe(200));
  });

  test('a wrong password ends worker, monitor and tools, and not a receiver, which has a disk', async (t) => {
    const site = await createSite(t, { rights });
    await site.allow('resetpass', '>another');
    const refused = /Redis refuses the login: put user and password into REDIS_URL/;
    for (const start of [site.worker, site.monitor]) {
      const error = await start().then(
        () => undefined,
        (thrown) => thrown,
      );
      t.expect(error).toBeInstanceOf(ConfigError);
      t.expect(error.message).toMatch(refused);
    }
    const { code, output } = await site.tool('queue', 'list');
    t.expect(code).toBe(78);
    t.expect(output).toMatch(refused);
    await site.receiver();
    const openid = 'oPassword'.padEnd(28, '0');
    t.expect((await site.world.push({ openid, text: 'slow one' })).attempts.at(-1)?.body).toBe('success');
    await site.allow('>secret');
    await site.worker();
    await eventually(() => t.expect(site.texts()).toEqual(['done one 1']));
    t.expect(JSON.stringify(site.lines) + output).not.toContain('secret@');
  });

  test('a right that is missing is told to whoever looks at the monitor, runs a tool, or sends by the gateway', async (t) => {
    const site = await createSite(t, { rights });
    const [monitor, ask] = [await site.monitor(), await site.gateway()];
    await site.allow('-hgetall', '-get');
    const authorization = `Basic ${Buffer.from('me:a long password').toString('base64')}`;
    const metrics = await fetch(`http://127.0.0.1:${monitor.port}/metrics`, { headers: { authorization } });
    t.expect([metrics.status, await metrics.text()]).toEqual([
      503,
      expect.stringMatching(/may not .* \((HGETALL|GET)\)/),
    ]);
    const { code, lines } = await site.tool('forget', 'oNobody'.padEnd(28, '0'));
    t.expect([code, lines.length]).toEqual([1, 1]);
    t.expect(lines[0]).toMatch(
      /^REDIS_URL: this user of Redis may not do what wxrelay needs \(GET\): .*docs\/redis\.md/,
    );
    await site.allow('+get', '-evalsha', '-eval');
    const sent = await ask('/send', { openid: 'oNobody'.padEnd(28, '0'), text: 'x' });
    t.expect(await sent.json()).toMatchObject({
      errmsg: t.expect.stringContaining('Redis refuses it'),
      written: false,
    });
    t.expect((await ask('/token')).status).toBe(200);
  });
});
