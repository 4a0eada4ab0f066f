import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, inject, test } from 'vitest';
import { aclRules, NEEDED, OPTIONAL } from '../../src/store/redis-needs.ts';
import { eventually } from '../helpers/eventually.ts';
import { createSite, ends } from './site.ts';

type Site = Awaited<ReturnType<typeof createSite>>;

interface Case {
  readonly kind: string;
  /** What the line names besides. */
  readonly refused?: string[];
  /** What is sent all the same. */
  readonly goesOut?: string[];
  refuse(site: Site): Promise<unknown>;
  allow(site: Site): Promise<unknown>;
}

const rights = (prefix: string) => aclRules(prefix, [...NEEDED, ...Object.keys(OPTIONAL)]);
const dump = ({ server }: Site) => join(server.dir, 'dump.rdb');
const untilSaved = ({ admin }: Site, status: string) =>
  eventually(async () => {
    await admin.bgsave().catch(() => undefined);
    if (!(await admin.info('persistence')).includes(`rdb_last_bgsave_status:${status}`)) throw new Error('not yet');
  });

const CASES: [string, Case][] = [
  [
    'a command is taken from its user',
    {
      kind: 'right',
      refused: ['EVAL', 'EVALSHA'],
      refuse: ({ allow }) => allow('-eval', '-evalsha'),
      allow: ({ allow }) => allow('+eval', '+evalsha'),
    },
  ],
  [
    'its keys are closed to its user',
    {
      kind: 'right',
      refused: ['its keys'],
      refuse: ({ allow }) => allow('resetkeys'),
      allow: ({ allow, prefix }) => allow(`~{${prefix}:*`),
    },
  ],
  [
    'its user gets another password',
    {
      kind: 'login',
      refuse: (site) => site.allow('resetpass', '>another').then(site.cut),
      allow: ({ allow }) => allow('>secret'),
    },
  ],
  [
    'it becomes a replica',
    {
      kind: 'replica',
      refuse: ({ admin }) => admin.replicaof('127.0.0.1', '1'),
      allow: ({ admin }) => admin.replicaof('NO', 'ONE'),
    },
  ],
  [
    'its memory is full',
    {
      kind: 'memory',
      // A script that begins with a removal is let through: a run that ends is recorded, and its job sends the answer.
      goesOut: ['done at length 1'],
      refuse: ({ admin }) => admin.config('SET', 'maxmemory', '1'),
      allow: ({ admin }) => admin.config('SET', 'maxmemory', '0'),
    },
  ],
  [
    'it cannot write to its disk',
    {
      kind: 'disk',
      async refuse(site) {
        mkdirSync(dump(site));
        await site.admin.config('SET', 'save', '3600 1000000');
        await untilSaved(site, 'err');
      },
      async allow(site) {
        rmSync(dump(site), { recursive: true });
        await untilSaved(site, 'ok');
      },
    },
  ],
  [
    'it takes no more connections',
    {
      kind: 'clients',
      refuse: (site) => site.admin.config('SET', 'maxclients', '1').then(site.cut),
      allow: ({ admin }) => admin.config('SET', 'maxclients', '1000'),
    },
  ],
];

/** Longer than some tries, shorter than the minute after which the line comes again. */
const FOR_A_WHILE = 4000;

describe.skipIf(!inject('realRedis')).concurrent('while Redis is there and refuses', { timeout: 120_000 }, () => {
  test.for(CASES)('(%s) one line says so, nothing is lost, and all goes on by itself', async ([, one], t) => {
    const site = await createSite(t, { rights });
    const { world, lines, events, texts } = site;
    t.onTestFailed(() => console.log(lines.map((l) => JSON.stringify(l)).join('\n')));
    const [spooling, strict] = await Promise.all([
      site.receiver(),
      site.receiver({ WXRELAY_SPOOL: 'off', PORT: '0' }),
      site.worker(),
    ]);
    const ready = async ({ port }: { port: number }) => (await fetch(`http://127.0.0.1:${port}/readyz`)).status;
    const openid = `o${one.kind}${one.refused?.join('') ?? ''}`.replace(/\W/g, '').padEnd(28, '0');
    await eventually(async () => t.expect(await ready(strict)).toBe(200));
    const begun = once(ends, `${openid} runs`);
    await world.push({ openid, text: 'long run' });
    await begun;

    await one.refuse(site);
    const before = { lines: lines.length, connections: await site.connections() };
    ends.emit(openid);
    t.expect((await world.push({ openid, text: 'slow two' })).attempts.at(-1)?.body).toBe('success');
    await eventually(() => t.expect(events('redis.refused').length).toBeGreaterThan(0));
    await sleep(FOR_A_WHILE);
    t.expect(await ready(spooling)).toBe(200);
    await eventually(async () => t.expect(await ready(strict)).toBe(503));
    // Two receivers and a worker, a line each.
    const told = events('redis.refused');
    t.expect(told.length).toBeLessThanOrEqual(3);
    for (const line of told) t.expect(line).toMatchObject({ level: 50, kind: one.kind, advice: t.expect.any(String) });
    if (one.refused) t.expect(told.map(({ refused }) => refused)).toContainEqual(one.refused);
    t.expect(lines.length - before.lines).toBeLessThan(30);
    t.expect((await site.connections()) - before.connections).toBeLessThan(100);
    const outBefore = texts();
    t.expect(one.goesOut ?? []).toEqual(t.expect.arrayContaining(outBefore));

    await one.allow(site);
    await eventually(() => t.expect(texts()).toEqual(['done at length 1', 'done two 1']));
    await eventually(async () => t.expect(await ready(strict)).toBe(200));
    t.expect(events('job.failed')).toEqual([]);
  });
});
