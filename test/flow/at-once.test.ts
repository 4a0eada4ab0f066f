// An answer is sent under the job of the push that it answers, as long as the API works.
import { describe, expect, test } from 'vitest';
import { connectWorker } from '../../src/store/connection.ts';
import { openQueues } from '../../src/store/queues.ts';
import { eventually } from '../helpers/eventually.ts';
import { createWorld, shareWorld, type World } from '../helpers/world.ts';

const SEND = '/cgi-bin/message/custom/send';
const fault = (world: World, body: object) =>
  fetch(`${world.simulator.url}/simulator/fault`, { method: 'POST', body: JSON.stringify({ path: SEND, ...body }) });
const followers = (name: string, count: number) =>
  Array.from({ length: count }, (_, n) => `oAtOnce${name}${n}`.padEnd(28, '0'));

/** How many jobs of a queue have ever been added. */
async function jobsOf(world: World, queue: string): Promise<number> {
  const redis = connectWorker(world.env['REDIS_URL'] as string, () => undefined);
  const queues = openQueues(redis);
  const counts = await queues.get(`{${world.env['WXRELAY_PREFIX']}:0}`, queue).getJobCounts();
  await queues.close();
  redis.disconnect();
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

describe('answers sent at once', () => {
  const shared = shareWorld(() => createWorld({ simulator: { counted: false } }));

  test('need hardly a job of their own, and keep their order', async () => {
    const world = shared();
    const openids = followers('Many', 10);
    for (const word of ['one', 'two', 'three'])
      await Promise.all(openids.map((openid) => world.push({ openid, text: `slow 5 ${word}` })));
    await eventually(() => expect(world.sent()).toHaveLength(30));
    for (const openid of openids)
      expect(
        world
          .sent()
          .filter((sent) => sent.openid === openid)
          .map(({ text }) => text),
      ).toEqual(['done one', 'done two', 'done three']);
    // One may find the send before it not quite over.
    expect(await jobsOf(world, 'deliver')).toBeLessThan(15);
  });

  test('that are refused for now become jobs of the queue “deliver”, and go out in order', async () => {
    const world = shared();
    const [openid] = followers('Refused', 1) as [string];
    await fault(world, { errcode: -1, openid, times: 2 });
    await world.push({ openid, text: 'slow 5 first' });
    await world.push({ openid, text: 'slow 5 second' });
    const texts = () =>
      world
        .sent()
        .filter((sent) => sent.openid === openid)
        .map(({ text }) => text);
    await eventually(() => expect(texts()).toEqual(['done first', 'done second']));
    expect(await jobsOf(world, 'deliver')).toBeGreaterThan(0);
  });
});
