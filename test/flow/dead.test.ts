import { writeFileSync } from 'node:fs';
import { Queue } from 'bullmq';
import { expect, test } from 'vitest';
import { startChild } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { createWorld, type World } from '../helpers/world.ts';

const SEND = '/cgi-bin/message/custom/send';

async function queue(world: World, ...args: string[]): Promise<{ code: number | string; lines: string[] }> {
  const child = startChild(['queue', ...args], world.env);
  return { code: await child.ended, lines: child.lines };
}

const listed = async (world: World) => (await queue(world, 'list', '--json')).lines.map((line) => JSON.parse(line));

const fault = (world: World, body: object) =>
  fetch(`${world.simulator.url}/simulator/fault`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ path: SEND, ...body }),
  });

/** As bull-board has it: the way of the push as the log, and where its handler threw as the stack. */
async function expectShown(world: World, { id, key }: { id: string; key: string }): Promise<void> {
  const dead = new Queue('dead', { connection: world.redis, prefix: `{${world.env['WXRELAY_PREFIX']}:0}` });
  const job = await dead.getJob(id);
  const { logs } = await dead.getJobLogs(id);
  await dead.close();
  const facts = logs.map((line) => line.replace(/^ +[\d.]+ s {2}/, ''));
  expect(facts[0]).toContain(key);
  expect(facts.slice(1)).toEqual([
    expect.stringMatching(/^accepted text for fragile/),
    'given up: Error: it is out of order',
  ]);
  expect(job?.stacktrace?.[0]).toMatch(/^Error: it is out of order\n +at .*handlers\.mjs:\d+/);
  expect(JSON.stringify([logs, job?.stacktrace])).not.toMatch(/oDead|broken q/);
}

const texts = (world: World) => world.sent().map(({ text }) => text);

test('wxrelay queue lists what was given up on, drops one, and resends the rest', async (t) => {
  const world = await createWorld();
  t.onTestFinished(() => world.close());
  await Promise.all([world.start('receiver'), world.start('worker')]);
  const untilListed = (count: number) =>
    eventually(async () => {
      const found = await listed(world);
      expect(found).toHaveLength(count);
      return found;
    });
  const breakOne = (n: number) => world.push({ openid: `oDead${n}`.padEnd(28, '0'), text: `broken q${n}` });
  for (const n of [0, 1, 2]) await breakOne(n);
  await untilListed(3);
  await breakOne(3);
  const letters = await untilListed(4);
  expect(letters[0]).toMatchObject({
    what: 'push',
    handler: 'fragile',
    queue: 'handle',
    reason: 'Error: it is out of order',
  });
  expect(JSON.stringify(letters)).not.toMatch(/oDead|broken q/);
  await expectShown(world, letters[0]);

  expect((await queue(world, 'drop', letters[0].key)).code).toBe(0);
  expect(await listed(world)).toHaveLength(3);
  writeFileSync(`${world.env['RUN_LOG']}.mended`, '');
  const mended = () =>
    texts(world)
      .filter((text) => text.startsWith('mended'))
      .sort();
  const since = new Date(letters[3].at).toISOString();
  expect((await queue(world, 'resend', '--since', since)).lines).toHaveLength(1);
  await eventually(() => expect(mended()).toEqual(['mended q3']));
  expect((await queue(world, 'resend', letters[1].key)).lines).toHaveLength(1);
  await eventually(() => expect(mended()).toHaveLength(2));
  expect((await untilListed(1))[0].key).toBe(letters[2].key);
  expect((await queue(world, 'resend', '--since', '2020-01-01')).lines).toHaveLength(1);
  await eventually(() => expect(mended()).toEqual(['mended q1', 'mended q2', 'mended q3']));
  expect(await listed(world)).toEqual([]);

  expect(await queue(world, 'resend', '--all')).toMatchObject({ code: 1 });
  expect(await queue(world, 'resend')).toMatchObject({ code: 2 });
  expect(await queue(world, 'resend', '--since', 'yesterday')).toMatchObject({ code: 2 });
});

test('a send that may have arrived is sent again by default, so that nothing is lost', async (t) => {
  const world = await createWorld();
  t.onTestFinished(() => world.close());
  await Promise.all([world.start('receiver'), world.start('worker')]);
  await fault(world, { cut: true, effect: true, times: 1 });
  await world.push({ openid: 'oDoubt'.padEnd(28, '0'), text: 'slow 5 doubt' });
  await eventually(() => expect(texts(world)).toEqual(['done doubt', 'done doubt']));
});

test('with WXRELAY_IN_DOUBT=hold it is not: it waits in dead, the user’s next answer goes on, and resend sends it', async (t) => {
  const world = await createWorld();
  t.onTestFinished(() => world.close());
  await Promise.all([world.start('receiver'), world.start('worker', { WXRELAY_IN_DOUBT: 'hold' })]);
  const openid = 'oHold'.padEnd(28, '0');
  await fault(world, { cut: true, effect: false, times: 1 });
  await world.push({ openid, text: 'slow 5 held' });
  await world.push({ openid, text: 'slow 5 next' });
  await eventually(() => expect(texts(world)).toEqual(['done next']));
  expect(await listed(world)).toMatchObject([{ what: 'answer', reason: 'in doubt: it may have arrived' }]);
  await queue(world, 'resend', '--all');
  await eventually(() => expect(texts(world)).toEqual(['done next', 'done held']));
});

test('what the API refuses for good waits in dead, and runs no handler again', async (t) => {
  const world = await createWorld();
  t.onTestFinished(() => world.close());
  await Promise.all([world.start('receiver'), world.start('worker')]);
  await fault(world, { errcode: 48002, times: 1 });
  await world.push({ openid: 'oRefused'.padEnd(28, '0'), text: 'slow 5 refused' });
  await eventually(async () =>
    expect(await listed(world)).toMatchObject([{ what: 'answer', reason: expect.stringContaining('48002') }]),
  );
  // Its user is told, once.
  await eventually(() => expect(texts(world)).toEqual([expect.stringContaining('抱歉')]));
  await queue(world, 'resend', '--all');
  await eventually(() => expect(texts(world).slice(1)).toEqual(['done refused']));
  expect(world.runs('start')).toHaveLength(1);
});
