// A handler's `run` has the API of its account at hand.
import { describe, type TestContext, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { createWorld, type World } from '../helpers/world.ts';

const openid = 'oCalls'.padEnd(28, '0');

async function open(t: TestContext, env: Record<string, string> = {}) {
  const world: World = await createWorld({ simulator: { agents: ['kf1@gh', 'kf2@gh'] }, env });
  t.onTestFinished(() => world.close());
  const [, worker] = await Promise.all([world.start('receiver'), world.start('worker')]);
  return { world, worker };
}

describe.concurrent('wechat in run', { timeout: 120_000 }, () => {
  test('calls the API with the token of its account, which it shares with the deliveries', async (t) => {
    const { world } = await open(t);
    await world.push({ openid, text: 'who is there' });
    await eventually(() => t.expect(world.sent()).toEqual([{ openid, text: 'kf1@gh and kf2@gh' }]));
    t.expect(world.simulator.state().counters.stableToken).toBe(1);
  });

  test('says what is missing on an account without an AppSecret, and asks nobody', async (t) => {
    const { world, worker } = await open(t, { WECHAT_CUSTOMER_SERVICE: 'off', WECHAT_APP_SECRET: '' });
    const { attempts } = await world.push({ openid, text: 'who is there' });
    t.expect(attempts.at(-1)?.body).toContain('nobody knows');
    t.expect(JSON.stringify(worker.events('run.failed'))).toContain('WECHAT_APP_SECRET are needed');
    t.expect(world.simulator.state().calls).toEqual({});
  });
});
