import { writeFileSync } from 'node:fs';
import { Queue } from 'bullmq';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createNames } from '../../src/store/keys.ts';
import { readTrace } from '../../src/store/trace.ts';
import { eventually } from '../helpers/eventually.ts';
import { createWorld, type World } from '../helpers/world.ts';

const SORRY = '抱歉，这条消息没能处理好，请稍后再试。';

describe('the work, as BullMQ shows it', () => {
  let world: World;
  const queues: Queue[] = [];
  const queue = (name: string) => {
    const prefix = `{${world.env['WXRELAY_PREFIX']}:0}`;
    const opened = new Queue(name, { connection: world.redis, prefix });
    queues.push(opened);
    return opened;
  };
  const textsTo = (openid: string) =>
    world
      .sent()
      .filter((sent) => sent.openid === openid)
      .map(({ text }) => text);

  beforeAll(async () => {
    world = await createWorld();
    await Promise.all([world.start('receiver'), world.start('worker')]);
  });
  afterAll(async () => {
    await Promise.all(queues.map((opened) => opened.close()));
    await world.close();
  });

  test('eight slow pushes of two users leave eight completed jobs, each with result, log and progress', async () => {
    for (const n of [0, 1, 2, 3])
      for (const user of ['oJobsA', 'oJobsB'])
        await world.push({ openid: user.padEnd(28, '0'), text: `slow 150 j${n}` });
    const handle = queue('handle');
    const jobs = await eventually(async () => {
      const done = await handle.getCompleted();
      expect(done).toHaveLength(8);
      return done;
    });
    const keys = new Set<string>();
    for (const job of jobs) {
      expect(job.returnvalue).toMatchObject({ handler: 'slow', parts: 1 });
      expect(job.progress).toMatchObject({ handler: 'slow', attempt: 1, key: job.returnvalue.key });
      const { logs } = await handle.getJobLogs(job.id as string);
      expect(logs.join('\n')).toContain(job.returnvalue.key);
      keys.add(job.returnvalue.key);
      expect(JSON.stringify([job.data, job.returnvalue, logs])).not.toMatch(/oJobs|slow 150|done j/);
    }
    expect(keys.size).toBe(8);
    expect(await handle.getJobCounts('waiting', 'active', 'delayed', 'failed')).toEqual({
      waiting: 0,
      active: 0,
      delayed: 0,
      failed: 0,
    });
  });

  test('an answer that waits for a slow passive reply is not looked at all the time', async () => {
    const openid = 'oJobsPatient'.padEnd(28, '0');
    expect((await world.push({ openid, text: 'patient p' })).attempts[0]?.body).toContain('reply p');
    const deliver = queue('deliver');
    const job = await eventually(async () => {
      const found = (await deliver.getCompleted()).find(({ returnvalue }) => returnvalue.handler === 'patient');
      expect(found).toBeDefined();
      return found;
    });
    expect(textsTo(openid)).toEqual(['answer p']);
    // Six looks in three seconds, and one when the reply has left.
    expect(job?.attemptsStarted).toBeLessThan(12);
  });

  test('Retry on a finished job changes nothing', async () => {
    const handle = queue('handle');
    const [job] = await handle.getCompleted();
    const before = { runs: world.runs().length, sent: world.sent().length };
    await job?.retry('completed');
    await eventually(async () => {
      const again = await handle.getJob(job?.id as string);
      expect(await again?.getState()).toBe('completed');
    });
    await world.push({ openid: 'oJobsA'.padEnd(28, '0'), text: 'slow 5 afterwards' });
    await eventually(() => expect(world.sent()).toHaveLength(before.sent + 1));
    expect(world.runs()).toHaveLength(before.runs + 2);
  });

  test('a push that fails for good is a failed job in dead, its user is told, and Retry there delivers it', async () => {
    const openid = 'oJobsDead'.padEnd(28, '0');
    await world.push({ openid, text: 'broken x' });
    await world.push({ openid, text: 'slow 5 next' });
    const dead = queue('dead');
    const [job] = await eventually(async () => {
      const failed = await dead.getFailed();
      expect(failed).toHaveLength(1);
      return failed;
    });
    expect(job?.failedReason).toBe('Error: it is broken');
    await eventually(() => expect(textsTo(openid)).toEqual([SORRY, 'done next']));
    writeFileSync(`${world.env['RUN_LOG']}.mended`, '');
    await job?.retry();
    await eventually(() => expect(textsTo(openid)).toEqual([SORRY, 'done next', 'mended x']));
    await eventually(async () =>
      expect(await dead.getJobCounts('failed', 'active', 'waiting', 'completed')).toEqual({
        failed: 0,
        active: 0,
        waiting: 0,
        completed: 0,
      }),
    );
  });

  test('a handler that returns nonsense is given up on at once, with a reason that says what to return', async () => {
    await world.push({ openid: 'oJobsNonsense'.padEnd(28, '0'), text: 'nonsense' });
    const dead = queue('dead');
    await eventually(async () => {
      const [job] = await dead.getFailed();
      expect(job?.failedReason).toContain('return a string, a message');
    });
  });

  test('a run that is late is aborted, and its late answer is refused', async () => {
    const openid = 'oJobsTimed'.padEnd(28, '0');
    await world.push({ openid, text: 'timed x' });
    await world.push({ openid, text: 'slow 5 after' });
    await eventually(() => expect(textsTo(openid)).toEqual([SORRY, 'done after']));
    expect(world.runs('aborted')).toHaveLength(1);
    const reasons = (await queue('dead').getFailed()).map(({ failedReason }) => failedReason);
    expect(reasons).toContain('Error: the handler ran longer than its timeout of 200 ms');
  });

  test('the trace says step by step what became of a push', async () => {
    const openid = 'oJobsTrace'.padEnd(28, '0');
    await world.push({ openid, text: 'slow 5 traced' });
    const salt = await world.redis.hget(`{${world.env['WXRELAY_PREFIX']}:meta}`, 'salt');
    const names = createNames(world.env['WXRELAY_PREFIX'] as string, 1, salt as string);
    const steps = await eventually(async () => {
      const found = await readTrace(world.redis, names, { user: names.userId('wx0123456789abcdef', openid) });
      expect(found).toHaveLength(3);
      return found;
    });
    expect(steps.map(({ what }) => what.replace(/\d+ ms/, 'N ms'))).toEqual([
      'accepted text for slow, replied success',
      'slow ran N ms, 1 part(s)',
      'sent in N ms',
    ]);
  });
});
