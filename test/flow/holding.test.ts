// The rules of holding: a push is kept open for its answer, over WeChat's repeats of it where the account cannot send.
import { describe, type TestContext, test } from 'vitest';
import { startChild } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { createHeldWorld, shareWorld, type World } from '../helpers/world.ts';

const openidOf = (n: number) => `oHolding${String(n).padStart(20, '0')}`;
const OFF = { WECHAT_CUSTOMER_SERVICE: 'off', WECHAT_APP_SECRET: '' };
const BUSY = '正在处理，请稍后发送任意消息查看结果。';
const EARLIER = '（之前的回答）';

const textOf = (body: string | undefined) =>
  /<Content><!\[CDATA\[([\s\S]*)\]\]><\/Content>/.exec(body ?? '')?.[1] ?? body ?? 'nothing';

/** What the follower reads as the reply to his push, and at which of WeChat's attempts. */
async function read(world: World, openid: string, text: string): Promise<{ text: string; attempts: number }> {
  const { attempts } = await world.push({ openid, text });
  return { text: textOf(attempts.at(-1)?.body), attempts: attempts.length };
}
const said = async (world: World, openid: string, text: string) => (await read(world, openid, text)).text;

const prefixOf = (world: World) => `{${world.env['WXRELAY_PREFIX']}:0}`;
const accountOf = (world: World) => `{${world.env['WXRELAY_PREFIX']}:wx0123456789abcdef}`;
const untilParked = (t: TestContext, world: World, count = 1) =>
  eventually(async () => t.expect(await world.redis.keys(`${prefixOf(world)}:parked:*`)).toHaveLength(count));

describe('over WeChat’s repeats', { concurrent: true, timeout: 90_000 }, () => {
  const world = shareWorld(() => createHeldWorld({ env: { ...OFF, WXRELAY_MAX_HELD: '100' } }));

  test('the third attempt says the handler’s reply where the answer is not there', async (t) => {
    t.expect(await read(world(), openidOf(1), 'wait 17000 a')).toEqual({ text: 'reply a', attempts: 3 });
  });

  test('an answer that comes when there is just no time left to make a reply is said all the same', async (t) => {
    t.expect(await read(world(), openidOf(2), 'wait 3500 b')).toEqual({ text: 'answer b', attempts: 1 });
  });

  test('only the first of a user’s pushes runs past its first attempt', async (t) => {
    const openid = openidOf(3);
    const first = read(world(), openid, 'slow 6500 c');
    await eventually(() => t.expect(world().runs('start').join()).toContain(' c '));
    t.expect(await read(world(), openid, 'slow 10 d')).toEqual({ text: BUSY, attempts: 1 });
    t.expect(await first).toEqual({ text: 'done c', attempts: 2 });
    await eventually(async () => t.expect(await said(world(), openid, 'hi')).toContain(`${EARLIER}\ndone d`), 5000);
  });

  test('a push that is replaced, and one that is merged into a later one, are not told that an answer comes', async (t) => {
    const replaced = read(world(), openidOf(4), 'latest 3000 e');
    await eventually(() => t.expect(world().runs('start').join()).toContain(' e '));
    t.expect(await said(world(), openidOf(4), 'latest 10 f')).toBe('done f');
    t.expect(await replaced).toEqual({ text: 'success', attempts: 1 });

    const running = said(world(), openidOf(5), 'merge 1000 g');
    await eventually(() => t.expect(world().runs('start').join()).toContain(' g '));
    const merged = said(world(), openidOf(5), 'merge 10 h');
    await eventually(async () => {
      const lanes = await world().redis.keys(`${prefixOf(world())}:lane:handle:*`);
      const lengths = await Promise.all(lanes.map((lane) => world().redis.llen(lane)));
      t.expect(Math.max(...lengths)).toBe(2);
    });
    t.expect(await said(world(), openidOf(5), 'merge 10 i')).toBe('done h+i');
    t.expect(await Promise.all([running, merged])).toEqual(['done g', 'success']);
  });

  test('what was let time out is counted, and logged once', async (t) => {
    await said(world(), openidOf(6), 'slow 6000 j');
    const counters = `{${world().env['WXRELAY_PREFIX']}:meta}:counters`;
    await eventually(async () => {
      t.expect(Number(await world().redis.hget(counters, 'wxrelay_timeouts_total'))).toBeGreaterThan(0);
      t.expect(Number(await world().redis.hget(counters, 'wxrelay_held_seconds_count'))).toBeGreaterThan(0);
    });
    t.expect(
      world()
        .allLines()
        .filter((line) => line.includes('"push.timeouts"')),
    ).toHaveLength(1);
  });
});

describe('where no push may run past its first attempt', { concurrent: true, timeout: 120_000 }, () => {
  const world = shareWorld(() => createHeldWorld({ env: { ...OFF, WXRELAY_MAX_HELD: '0' } }));

  test('an answer that was parked while the next push waited is said before that one’s', async (t) => {
    const openid = openidOf(11);
    t.expect(await said(world(), openid, 'slow 5500 a')).toBe(BUSY);
    t.expect(await said(world(), openid, 'slow 10 b')).toBe(`${EARLIER}\ndone a\n\ndone b`);
  });

  test('a reply that carried what was parked is the reply to a copy of its push too', async (t) => {
    const pushes = await Promise.all(
      ['继续', 'what is this', 'hi'].map(async (text, n) => {
        t.expect(await said(world(), openidOf(12 + n), 'slow 5000 c')).toBe(BUSY);
        const first = await eventually(async () => {
          const { xml, attempts } = await world().push({ openid: openidOf(12 + n), text });
          t.expect(attempts.at(-1)?.body).toContain('done c');
          return { xml, body: attempts.at(-1)?.body };
        });
        return { ...first, copy: (await world().push({ xml: first.xml })).attempts.at(-1)?.body };
      }),
    );
    for (const { body, copy } of pushes) t.expect(copy).toBe(body);
  });

  test('copies that overlap are told the same', async (t) => {
    const { xml } = await world().push({ openid: openidOf(15), text: 'hi' });
    const copy = xml.replace('hi', 'dice 9000 d').replace(/<MsgId>\d+/, '<MsgId>24900000000000999');
    const all = await Promise.all([1, 2, 3].map(() => world().push({ xml: copy })));
    const texts = new Set(all.map(({ attempts }) => textOf(attempts.at(-1)?.body)));
    t.expect(texts.size).toBe(1);
    t.expect([...texts][0]).toMatch(/^reply /);
  });
});

describe('where WeChat does not repeat', { concurrent: true, timeout: 120_000 }, () => {
  const world = shareWorld(() => createHeldWorld({ env: OFF, simulator: { attempts: 1 } }));

  test('an answer is parked once WeChat has given the push up', async (t) => {
    const { attempts } = await world().push({ openid: openidOf(21), text: 'slow 5500 a' });
    t.expect(attempts).toMatchObject([{ timedOut: true }]);
    await untilParked(t, world());
    t.expect(await said(world(), openidOf(21), 'hi')).toBe(`${EARLIER}\ndone a\n\nHi, I'm here.`);
  });

  test('an attempt that comes 10 s after the first is the last, whichever it is', async (t) => {
    const { xml } = await world().push({ openid: openidOf(22), text: 'slow 60000 b' });
    // Only time makes it the last.
    await new Promise((resolve) => setTimeout(resolve, 6000));
    const { attempts } = await world().push({ xml });
    t.expect(textOf(attempts.at(-1)?.body)).toBe(BUSY);
  });
});

test('without a worker nothing is held: a push is told at once that its answer comes later', async (t) => {
  const world = await createHeldWorld({ env: OFF });
  t.onTestFinished(() => world.close());
  await world.start('receiver');
  t.expect(await read(world, openidOf(31), 'slow 10 a')).toEqual({ text: BUSY, attempts: 1 });
  await world.start('worker');
  await untilParked(t, world);
  t.expect(await said(world, openidOf(31), '继续')).toBe(`${EARLIER}\ndone a`);
});

describe('on an account that nobody knows yet', { concurrent: true, timeout: 120_000 }, () => {
  const AUTO = { WECHAT_CUSTOMER_SERVICE: 'auto' };
  const start = async (t: TestContext, env: Record<string, string> = {}) => {
    const world = await createHeldWorld({ env: { ...AUTO, ...env } });
    t.onTestFinished(() => world.close());
    await Promise.all([world.start('receiver'), world.start('worker')]);
    return world;
  };
  const fault = (world: World, path: string, errcode: number, times = 1) =>
    fetch(`${world.simulator.url}/simulator/fault`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ path, errcode, times }),
    });

  test.each([
    [40200, 'passive'],
    [45080, 'on'],
    [45081, 'on'],
  ])('a typing call that is answered with %i says that it is %s', async (errcode, known) => {
    const t = { expect: (await import('vitest')).expect };
    const world = await createHeldWorld({ env: AUTO });
    try {
      await Promise.all([world.start('receiver'), world.start('worker')]);
      await fault(world, '/cgi-bin/message/custom/typing', errcode);
      t.expect(await said(world, openidOf(41), 'slow 3000 a')).toBe(known === 'on' ? 'success' : 'done a');
      t.expect(await world.redis.get(`${accountOf(world)}:capability`)).toBe(known);
      if (known === 'on') await eventually(() => t.expect(world.sent().map(({ text }) => text)).toEqual(['done a']));
      else t.expect(world.sent()).toEqual([]);
    } finally {
      await world.close();
    }
  });

  test('whose settings are wrong, an answer that came too late goes with whatever the user writes next, and is sent once they are right', async (t) => {
    const world = await start(t, { WXRELAY_MAX_HELD: '0' });
    await fault(world, '/cgi-bin/stable_token', 40164, 1000);
    const late = await Promise.all([0, 1, 2, 3].map((n) => said(world, openidOf(51 + n), `slow 5000 a${n}`)));
    t.expect(late).toEqual([BUSY, BUSY, BUSY, BUSY]);
    const next = ['hi', '继续', 'what is this'].map((text, n) =>
      eventually(async () => {
        const reply = await said(world, openidOf(51 + n), text);
        t.expect(reply).toContain(`${EARLIER}\ndone a${n}`);
        return reply;
      }),
    );
    t.expect(await Promise.all(next)).toEqual([
      `${EARLIER}\ndone a0\n\nHi, I'm here.`,
      `${EARLIER}\ndone a1`,
      `${EARLIER}\ndone a2`,
    ]);
    t.expect(world.sent()).toEqual([]);
    await fetch(`${world.simulator.url}/simulator/fault`, { method: 'DELETE' });
    // Else the API would be asked again after a minute, and the account after another.
    t.expect(await startChild(['token', '--refresh'], world.env).ended).toBe(0);
    await world.redis.del(`${accountOf(world)}:capability`);
    await eventually(() => t.expect(world.sent()).toEqual([{ openid: openidOf(54), text: 'done a3' }]), 100_000);
  });
});
