// A handler's `run` hands the user to a human agent: the passive reply has gone by then, so a session is created.
import { describe, type TestContext, test } from 'vitest';
import { startChild } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { createWorld, type World } from '../helpers/world.ts';

const openid = 'oTransfer'.padEnd(28, '0');

async function open(t: TestContext, agents: string[]): Promise<World> {
  const world = await createWorld({ simulator: { agents } });
  t.onTestFinished(() => world.close());
  await Promise.all([world.start('receiver'), world.start('worker')]);
  return world;
}

const texts = (world: World) => world.sent().map(({ text }) => text);
const listed = async (world: World) => {
  const child = startChild(['queue', 'list', '--json'], world.env);
  await child.ended;
  return child.lines.map((line) => JSON.parse(line));
};

describe.concurrent('transfer from run', { timeout: 120_000 }, () => {
  test('without a name goes to an agent who is online, after what was said before it', async (t) => {
    const world = await open(t, ['kf1@gh', 'kf2@gh']);
    await world.push({ openid, text: 'human' });
    await eventually(() => t.expect(world.simulator.state().sessions).toEqual([{ openid, kf_account: 'kf1@gh' }]));
    t.expect(texts(world)).toEqual(['请稍等']);
  });

  test('with a name goes to that one', async (t) => {
    const world = await open(t, ['kf1@gh', 'kf2@gh']);
    await world.push({ openid, text: 'human kf2@gh' });
    await eventually(() => t.expect(world.simulator.state().sessions).toEqual([{ openid, kf_account: 'kf2@gh' }]));
  });

  test('with nobody online tells the user, and waits in dead with the reason', async (t) => {
    const world = await open(t, []);
    await world.push({ openid, text: 'human' });
    await eventually(() => t.expect(texts(world)).toEqual(['请稍等', '现在没有客服在线。']));
    t.expect(await listed(world)).toMatchObject([{ what: 'answer', reason: 'no customer-service agent is online' }]);
  });

  test('to one who is offline does so too, with what WeChat answered', async (t) => {
    const world = await open(t, ['kf1@gh']);
    await world.push({ openid, text: 'human kf9@gh' });
    await eventually(() => t.expect(texts(world)).toEqual(['请稍等', '现在没有客服在线。']));
    t.expect(await listed(world)).toMatchObject([{ reason: t.expect.stringContaining('65415') }]);
  });
});
