// Answers larger than what WeChat lets us send: what the user sees of them now, and what after 继续.
import { describe, type TestContext, test } from 'vitest';
import { newOpenid } from '../../src/simulator/push-xml.ts';
import { eventually } from '../helpers/eventually.ts';
import { createWorld, shareWorld, untilSettled, type World } from '../helpers/world.ts';

const SEND = '/cgi-bin/message/custom/send';
const MORE = '回复「继续」看下一条';
const openidOf = (n: number) => `oFits${String(n).padStart(23, '0')}`;

async function open(t: TestContext, options: Parameters<typeof createWorld>[0] = {}): Promise<World> {
  const world = await createWorld({ ...options, env: { CONTINUES: '1', ...options.env } });
  t.onTestFinished(() => world.close());
  await Promise.all([world.start('receiver'), world.start('worker')]);
  return world;
}

const sentTo = (world: World, openid: string) =>
  world
    .sent()
    .filter((sent) => sent.openid === openid)
    .map(({ text }) => text);

/** What WeChat answered to messages for a user. */
const answersTo = (world: World, openid: string) => [
  ...new Set(
    world.simulator
      .state()
      .messages.filter((sent) => sent.openid === openid)
      .map(({ errcode }) => errcode),
  ),
];

const fault = (world: World, body: object) =>
  fetch(`${world.simulator.url}/simulator/fault`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ path: SEND, ...body }),
  });

const bare = (texts: readonly string[]) =>
  texts
    .map((text) => text.replace(`\n\n${MORE}`, '').replace(/\n\(\d+\/\d+\)/g, ''))
    .join('')
    .replaceAll('（之前的回答）', '')
    .replace(/\s/g, '');
const sentences = (count: number) => Array.from({ length: count }, (_, n) => `第${n}句话。`).join('');
const parts = (count: number) => Array.from({ length: count }, (_, n) => `第${n}部分，${'就这样。'.repeat(50)}`);

describe('on an account that may send', { concurrent: true, timeout: 120_000 }, () => {
  const world = shareWorld(() => createWorld({ env: { CONTINUES: '1' } }));

  test.for([
    ['long 1300', sentences(1300)],
    ['many 30', parts(30).join('')],
  ] as const)(
    'the answer to "%s" comes in at most 5 messages at a time, each valid, whole after 继续',
    async ([said, whole], t) => {
      const openid = newOpenid();
      await world().push({ openid, text: said });
      for (let turn = 0; turn < 40; turn++) {
        const before = sentTo(world(), openid).length;
        if (turn > 0) t.expect((await world().push({ openid, text: '继续' })).answer?.kind).toBe('success');
        await eventually(() => t.expect(sentTo(world(), openid).length).toBeGreaterThan(before));
        await untilSettled(world(), openid);
        t.expect(sentTo(world(), openid).length - before).toBeLessThanOrEqual(5);
        if (!sentTo(world(), openid).at(-1)?.endsWith(MORE)) break;
      }
      t.expect(bare(sentTo(world(), openid))).toBe(whole.replace(/\s/g, ''));
      t.expect(answersTo(world(), openid)).toEqual([0]);

      // With nothing parked 继续 is a push like any other.
      await world().push({ openid, text: '继续' });
      await eventually(() => t.expect(sentTo(world(), openid).at(-1)).toBe('a handler took it'));
    },
  );

  test('a new question is answered too, after what the old one still had to say', async (t) => {
    const openid = openidOf(2);
    await world().push({ openid, text: 'many 30' });
    await untilSettled(world(), openid);
    await world().push({ openid, text: 'slow 5 new' });
    await eventually(() => t.expect(sentTo(world(), openid).at(-1)).toBe('done new'));
    await untilSettled(world(), openid);
    await world().push({ openid, text: '继续' });
    await eventually(() => t.expect(bare(sentTo(world(), openid)).replace('donenew', '')).toBe(parts(30).join('')));
  });

  test('after a click of the menu, which allows three, a long answer takes two and says that there is more', async (t) => {
    const openid = openidOf(3);
    await world().push({ openid, text: 'many 30', bizmsgmenuid: 'm1' });
    await untilSettled(world(), openid);
    t.expect(sentTo(world(), openid)).toHaveLength(2);
    t.expect(sentTo(world(), openid).at(-1)).toMatch(new RegExp(`${MORE}$`));
  });

  test('Markdown becomes text for a chat where the handler says so', async (t) => {
    await world().push({ openid: openidOf(9), text: 'markdown 2' });
    await eventually(() =>
      t.expect(sentTo(world(), openidOf(9))).toEqual(['【标题】\n\n第0段 正文。\n\n第1段 正文。']),
    );
  });
});

describe.concurrent('on an account that may send, where WeChat refuses a part', { timeout: 120_000 }, () => {
  test.for([
    [45011, { times: 1 }],
    [40001, { times: 1 }],
  ] as const)(
    'refused with %i in the middle, the part is sent again and nothing is lost or doubled',
    async ([errcode, how], t) => {
      const world = await open(t);
      const openid = openidOf(5);
      await fault(world, { errcode, after: 1, ...how });
      await world.push({ openid, text: 'many 10' });
      await eventually(() => t.expect(bare(sentTo(world, openid))).toBe(parts(10).join('')), 110_000);
      t.expect(world.runs('start')).toHaveLength(1);
    },
  );

  test('an account that may send no menus has its menu as text, and goes on sending', async (t) => {
    const world = await createWorld({ env: { WECHAT_CUSTOMER_SERVICE: 'auto' } });
    t.onTestFinished(() => world.close());
    const capability = `{${world.env['WXRELAY_PREFIX']}:wx0123456789abcdef}:capability`;
    await world.redis.set(capability, 'on');
    await Promise.all([world.start('receiver'), world.start('worker')]);
    await fault(world, { errcode: 40200, times: 1 });
    await world.push({ openid: openidOf(8), text: 'menu' });
    await eventually(() => t.expect(sentTo(world, openidOf(8))).toEqual(['满意吗\n1. 满意\n2. 不满意']));
    t.expect(await world.redis.get(capability)).toBe('on');
  });
});
