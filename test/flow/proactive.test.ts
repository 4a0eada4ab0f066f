// Sending to a user from a program that holds only Redis: no push, no handler.
import { describe, expect, type TestContext, test } from 'vitest';
import { createSender } from '../../src/index.ts';
import { startChild } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { createWorld, shareWorld, type World } from '../helpers/world.ts';

const openidOf = (n: number) => `oSender${String(n).padStart(21, '0')}`;
const SEND = '/cgi-bin/message/custom/send';

async function open(t: TestContext, simulator = {}): Promise<World> {
  const world = await createWorld({ simulator });
  t.onTestFinished(() => world.close());
  return world;
}

async function senderOf(t: TestContext, world: World) {
  const sender = await createSender({
    redisUrl: world.env['REDIS_URL'] as string,
    prefix: world.env['WXRELAY_PREFIX'] as string,
    account: world.env['WECHAT_APP_ID'] as string,
  });
  t.onTestFinished(() => sender.close());
  return sender;
}

const sentTo = (world: World, openid: string) =>
  world
    .sent()
    .filter((sent) => sent.openid === openid)
    .map(({ text }) => text);
const run = async (world: World, ...args: string[]) => {
  const child = startChild(args, world.env);
  return { code: await child.ended, lines: child.lines };
};
const fault = (world: World, body: object) =>
  fetch(`${world.simulator.url}/simulator/fault`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ path: SEND, ...body }),
  });

describe.concurrent('createSender', { timeout: 90_000 }, () => {
  test('leaves what a later worker sends, in order, and the same id once', async (t) => {
    const world = await open(t);
    const openid = openidOf(1);
    await world.simulator.push({ openid, text: 'hi' }).catch(() => undefined);
    const sender = await senderOf(t, world);
    const first = await sender.send(openid, 'one', { id: 'order 1' });
    const again = await sender.send(openid, 'one', { id: 'order 1' });
    t.expect([first.isNew, again.isNew, again.key]).toEqual([true, false, first.key]);
    await Promise.all(Array.from({ length: 5 }, () => sender.send(openid, 'two', { id: 'order 2' })));
    await sender.send(openid, ['three', { type: 'news', articles: [{ title: 'four', url: 'https://a.com' }] }]);
    await world.start('worker');
    await eventually(() => t.expect(world.simulator.state().messages).toHaveLength(4));
    t.expect(world.simulator.state().messages.map(({ body }) => body['text'] ?? body['msgtype'])).toEqual([
      { content: 'one' },
      { content: 'two' },
      { content: 'three' },
      'news',
    ]);
    t.expect((await sender.send(openid, 'one', { id: 'order 1' })).isNew).toBe(false);
    const { lines } = await run(world, 'trace', first.key);
    t.expect(lines.join('\n')).toMatch(/to be sent: 1 part[\s\S]*sent in/);
  });

  test('refuses what could never be sent', async (t) => {
    const world = await open(t);
    const sender = await senderOf(t, world);
    for (const answer of ['', [], { type: 'image' }, 42])
      await t.expect(sender.send(openidOf(2), answer as never)).rejects.toThrow(TypeError);
    await t.expect(sender.send('no openid', 'x')).rejects.toThrow(TypeError);
    t.expect(await world.redis.keys(`{${world.env['WXRELAY_PREFIX']}:0}:*`)).toEqual([]);
  });

  test('what comes when the window is shut waits, and comes when the user writes', async (t) => {
    const world = await open(t);
    const openid = openidOf(3);
    await world.start('worker');
    const sender = await senderOf(t, world);
    await fault(world, { errcode: 45015, times: 1 });
    await sender.send(openid, 'your parcel is there');
    await eventually(async () =>
      t.expect(await world.redis.keys(`{${world.env['WXRELAY_PREFIX']}:0}:parked:*`)).toHaveLength(1),
    );
    await world.start('receiver');
    await world.push({ openid, text: 'hi' });
    await eventually(() => t.expect(sentTo(world, openid)).toEqual(['（之前的回答）\nyour parcel is there']));
  });
});

test('wxrelay send does the same', async (t) => {
  const world = await open(t);
  const openid = openidOf(4);
  await world.simulator.push({ openid, text: 'hi' }).catch(() => undefined);
  const first = await run(world, 'send', openid, '**hello**', '--markdown', '--id', 'a', '--json');
  t.expect([first.code, JSON.parse(first.lines[0] ?? '')]).toMatchObject([0, { isNew: true }]);
  const again = await run(world, 'send', openid, 'hello', '--id', 'a');
  t.expect([again.code, again.lines[0]]).toEqual([0, t.expect.stringContaining('sent before')]);
  t.expect(await run(world, 'send', openid, ' ')).toMatchObject({ code: 1 });
  await world.start('worker');
  await eventually(() => t.expect(sentTo(world, openid)).toEqual(['hello']));
});

describe('wxrelay send says what became of the message', () => {
  const shared = shareWorld(() => createWorld({ simulator: { counted: false } }));
  let followers = 100;

  test.each([
    ['it was sent', 'known', [], 0, { state: 'sent' }],
    [
      'nobody of this openid follows the account',
      'unknown',
      [],
      1,
      { state: 'given up', reason: expect.stringContaining('40003') },
    ],
    ['its user has to write first', 'known', [{ errcode: 45015, times: 1 }], 0, { state: 'parked' }],
    [
      'WeChat refuses it for good',
      'known',
      [{ errcode: 47001, errmsg: 'what is hello?', times: 1 }],
      1,
      { state: 'given up', reason: expect.stringContaining('47001') },
    ],
  ] as const)('%s', async (_, follower, faults, code, fate) => {
    const world = shared();
    const openid = openidOf(++followers);
    if (follower === 'known') await world.simulator.push({ openid, text: 'hi' }).catch(() => undefined);
    for (const each of faults) await fault(world, each);
    const sent = await run(world, 'send', openid, 'hello', '--json');
    expect(JSON.parse(sent.lines.find((line) => line.startsWith('{"key"')) ?? '{}')).toMatchObject({
      isNew: true,
      fate,
    });
    // The reason may quote the server, which may quote the message.
    expect(sent.lines.join('\n')).not.toContain('what is hello');
    expect(sent.code).toBe(code);
  });
});
