import { describe, expect, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { createWorld } from '../helpers/world.ts';

const post = (url: string, body: object = {}) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

describe('one access_token for all', () => {
  test('four workers that start cold with a hundred answers to send fetch it once, and once more when it is revoked', async (t) => {
    const world = await createWorld();
    t.onTestFinished(() => world.close());
    await world.start('receiver');
    const users = Array.from({ length: 100 }, (_, n) => `oToken${String(n).padStart(22, '0')}`);
    await Promise.all(users.map((openid) => world.push({ openid, text: 'slow 5 first' })));
    await Promise.all([1, 2, 3, 4].map(() => world.start('worker')));
    await eventually(() => expect(world.sent()).toHaveLength(100));
    expect(world.simulator.state().counters).toMatchObject({ stableToken: 1, token: 0, sends: 100 });

    await post(`${world.simulator.url}/simulator/token/revoke`);
    await Promise.all(users.map((openid) => world.push({ openid, text: 'slow 5 second' })));
    await eventually(() => expect(world.sent()).toHaveLength(200));
    expect(world.simulator.state().counters.stableToken).toBe(2);
    expect(new Set(world.sent().map(({ openid, text }) => openid + text)).size).toBe(200);
  });

  test('an API that fails for a while delays answers, repeats no run, and loses nothing', async (t) => {
    const world = await createWorld();
    t.onTestFinished(() => world.close());
    await Promise.all([world.start('receiver'), world.start('worker')]);
    const path = '/cgi-bin/message/custom/send';
    await post(`${world.simulator.url}/simulator/fault`, { path, errcode: -1, times: 2 });
    const openid = 'oTokenApi'.padEnd(28, '0');
    await world.push({ openid, text: 'slow 5 p0' });
    await world.push({ openid, text: 'slow 5 p1' });
    await eventually(() => expect(world.sent().map(({ text }) => text)).toEqual(['done p0', 'done p1']));
    expect(world.runs('start')).toHaveLength(2);
  });
});
