// An answer of four parts, one of which WeChat refuses: all that its user is told in the end.
import { describe, expect, test } from 'vitest';
import { startChild } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { createHeldWorld, shareWorld, type World } from '../helpers/world.ts';

const HANDLERS = new URL('../fixtures/sizes.mjs', import.meta.url).pathname;
const SEND = '/cgi-bin/message/custom/send';
const MORE = '回复「继续」看下一条';
const EARLIER = '（之前的回答）';
const APP = 'wx0123456789abcdef';

/** The parts of the answer, by their names. */
const nameParts = (text: string) => text.replace(/第(\d)部分：(就这样。){120}/g, 'P$1');
const wordsOf = (texts: readonly string[]) =>
  texts
    .map((text) => text.replace(`\n\n${MORE}`, '').replace(/\n\(\d\/\d\)/g, ''))
    .join('')
    .replace(EARLIER, '')
    .replace(/\s/g, '');
const P = (n: number) => `P${n}\n(${n + 1}/4)`;
const from = (k: number) => [0, 1, 2, 3].slice(k).map(P);
const gone = (k: number) => [0, 1, 2, 3].slice(0, k).map(P);
const EACH = [0, 1, 2, 3] as const;

const messagesTo = (world: World, openid: string) =>
  world.simulator.state().messages.filter((message) => message.openid === openid);
const toldTo = (world: World, openid: string) =>
  messagesTo(world, openid)
    .filter(({ errcode }) => errcode === 0)
    .map(({ body }) => (body as { text?: { content: string } }).text?.content ?? '[picture]');
const until = (world: World, openid: string, told: readonly string[], within = 60_000) =>
  eventually(() => expect(toldTo(world, openid).map(nameParts)).toEqual(told), within);
const tagOf = ({ env }: World) => `{${env['WXRELAY_PREFIX']}:0}`;
/** Nothing waits to be sent to anybody. */
const settled = (world: World) =>
  eventually(async () => expect(await world.redis.zcard(`${tagOf(world)}:oldest`)).toBe(0), 60_000);

async function refuse(world: World, openid: string, errcode: number, after: number): Promise<void> {
  const { status } = await fetch(`${world.simulator.url}/simulator/fault`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ path: SEND, openid, errcode, after }),
  });
  expect(status).toBe(200);
}

const open = (env: Record<string, string> = {}) =>
  shareWorld(async () => {
    const world = await createHeldWorld({ handlers: HANDLERS, env });
    await world.redis.set(`{${world.env['WXRELAY_PREFIX']}:${APP}}:capability`, 'on');
    return world;
  });

/** An operator sees that something waits, but not whose it is nor what. */
async function expectListed(world: World, openid: string, parts: number): Promise<void> {
  const list = async (...args: string[]) => {
    const child = startChild(['queue', 'list', '--parked', ...args], world.env);
    expect(await child.ended).toBe(0);
    return child.lines;
  };
  const [line = ''] = await list('--json');
  expect(JSON.parse(line)).toMatchObject({ what: 'parked', handler: 'letter', parts });
  expect(await list()).toEqual([expect.stringContaining(`letter  ${parts} part(s), kept until`)]);
  expect(line).not.toContain(openid);
  expect(line).not.toContain('就这样');
}

describe('where one user may not be sent to', { timeout: 120_000 }, () => {
  const opened = open();
  const openidOf = (errcode: number, k: number) => `oRefused${errcode}x${k}`.padEnd(28, '0');

  // Closed windows at every part; the other ways to be refused for good once each.
  const cases = [
    ...[45015, 45047].flatMap((errcode) => EACH.map((k) => [errcode, k] as const)),
    [43004, 0],
    [50005, 1],
    [45093, 3],
  ] as const;
  test.for(cases)(
    '%i at part %i: the rest comes when the user writes, as the earlier answer, before the new one',
    async ([errcode, k]) => {
      const world = opened();
      const openid = openidOf(errcode, k);
      await refuse(world, openid, errcode, k);
      await world.push({ openid, text: 'letter 4' });
      await eventually(() => expect(messagesTo(world, openid).map((one) => one.errcode)).toContain(errcode));
      await settled(world);
      await until(world, openid, gone(k));
      if (k === 1 && errcode === 45015) await expectListed(world, openid, 3);
      await world.push({ openid, text: 'hi' });
      const [first, ...others] = from(k);
      await until(world, openid, [...gone(k), `${EARLIER}\n${first}`, ...others, 'new answer']);
      // One call was refused, and no other was in vain.
      const refusals = messagesTo(world, openid).filter((one) => one.errcode !== 0);
      expect(refusals.map((one) => one.errcode)).toEqual([errcode]);
    },
  );

  test.for(EACH)('-1 at part %i: it is sent again, and the user sees nothing of it', async (k) => {
    const world = opened();
    const openid = openidOf(1, k);
    await refuse(world, openid, -1, k);
    await world.push({ openid, text: 'letter 4' });
    await until(world, openid, from(0));
  });

  test('45047 at the part that says that there is more: it is said again when it is so', async () => {
    const world = opened();
    const openid = openidOf(2, 3);
    await refuse(world, openid, 45047, 3);
    await world.push({ openid, text: 'letter 8' });
    await eventually(() => expect(messagesTo(world, openid)).toHaveLength(4));
    await settled(world);
    expect(toldTo(world, openid)).toHaveLength(3);
    expect(toldTo(world, openid).join()).not.toContain(MORE);
    await world.push({ openid, text: '继续' });
    await eventually(() => expect(wordsOf(toldTo(world, openid).map(nameParts))).toContain('P7'));
    const later = toldTo(world, openid).slice(3);
    expect(later.map((text) => text.includes(EARLIER))).toEqual(later.map((_, n) => n === 0));
    expect(nameParts(wordsOf(toldTo(world, openid)))).toBe('P0P1P2P3P4P5P6P7');
  });

  test('45015 at a picture: the text behind it says that it is the earlier answer', async () => {
    const world = opened();
    const openid = openidOf(3, 0);
    await refuse(world, openid, 45015, 0);
    await world.push({ openid, text: 'picture' });
    await eventually(() => expect(messagesTo(world, openid)).toHaveLength(1));
    await settled(world);
    await world.push({ openid, text: 'hi' });
    await until(world, openid, ['[picture]', `${EARLIER}\nwhat it shows`, 'new answer']);
  });
});

describe('where the whole account may not send', { timeout: 180_000 }, () => {
  const opened = open({ WECHAT_CUSTOMER_SERVICE: 'auto' });
  const openidOf = (errcode: number, k: number) => `oRefused${errcode}x${k}`.padEnd(28, '0');

  test.for(EACH)('45009 at part %i: when the quota is back the rest comes by itself', async (k) => {
    const world = opened();
    const openid = openidOf(45009, k);
    await refuse(world, openid, 45009, k);
    await world.push({ openid, text: 'letter 4' });
    const lane = await eventually(async () => {
      const [state = ''] = await world.redis.keys(`${tagOf(world)}:state:deliver:*`);
      expect(await world.redis.hget(state, 'wait')).not.toBeNull();
      return state.slice(`${tagOf(world)}:state:`.length);
    });
    expect(toldTo(world, openid).map(nameParts)).toEqual(gone(k));
    // The hour after which one call looks, and the quarter of one after which the lane does, are over.
    const pause = `{${world.env['WXRELAY_PREFIX']}:${APP}}:pause:${SEND}`;
    await eventually(async () => {
      if (await world.redis.exists(pause)) {
        await world.redis.hset(pause, 'checkAt', Date.now());
        await world.redis.hdel(`${tagOf(world)}:state:${lane}`, 'wait');
        await world.redis.zadd(`${tagOf(world)}:check`, 'XX', 0, lane);
      }
      expect(toldTo(world, openid).map(nameParts)).toEqual(from(0));
    }, 60_000);
    await settled(world);
    await world.redis.del(pause);
  });

  test.for(EACH)('48001 at part %i: the rest is in the replies to what the user writes', async (k) => {
    const world = opened();
    await eventually(async () => {
      await world.redis.set(`{${world.env['WXRELAY_PREFIX']}:${APP}}:capability`, 'on');
      const probe = openidOf(9, k);
      await world.push({ openid: probe, text: 'hi' });
      expect(toldTo(world, probe)).not.toEqual([]);
    });
    const openid = openidOf(48001, k);
    await refuse(world, openid, 48001, k);
    await world.push({ openid, text: 'letter 4' });
    await eventually(() => expect(messagesTo(world, openid)).toHaveLength(k + 1));
    await settled(world);
    expect(toldTo(world, openid).map(nameParts)).toEqual(gone(k));
    const read = async (text: string, by = openid) => {
      const { attempts } = await world.push({ openid: by, text });
      return /<Content><!\[CDATA\[([\s\S]*)\]\]><\/Content>/.exec(attempts.at(-1)?.body ?? '')?.[1] ?? '';
    };
    // The receiver hears within a second that the account is passive.
    await eventually(async () => expect(await read('hi', openidOf(8, k))).not.toBe(''));
    const replies = [await read('hi')];
    while (replies.at(-1)?.endsWith(MORE)) replies.push(await read('继续'));
    expect(replies[0]?.startsWith(`${EARLIER}\n第${k}部分`)).toBe(true);
    expect(nameParts(wordsOf(replies)).replaceAll('newanswer', '')).toBe(wordsOf(from(k)));
    expect(replies.at(-1)?.endsWith('new answer')).toBe(true);
  });
});
