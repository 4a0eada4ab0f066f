// Answers of every size: at most five messages at a time, each valid, nothing lost.
import { describe, expect, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { createHeldWorld, shareWorld, type World } from '../helpers/world.ts';

const HANDLERS = new URL('../fixtures/sizes.mjs', import.meta.url).pathname;
const MORE = '回复「继续」看下一条';
const PASSIVE = { WECHAT_CUSTOMER_SERVICE: 'off', WECHAT_APP_SECRET: '' };

// The same as the handlers make.
const textOf = (characters: number) => {
  let whole = '';
  for (let n = 0; whole.length < characters; n++)
    whole += n % 10 === 9 ? `这是第${n}段的结尾。\n\n` : `这里是第${n}句，说了一件事。`;
  return whole.slice(0, characters - 1).concat('。');
};
const partOf = (n: number, size: number) => `第${n}部分：${'就这样。'.repeat(size)}`;
const partsOf = (count: number, size: number) => Array.from({ length: count }, (_, n) => partOf(n, size)).join('');

/** What a follower asks for, and what the whole answer is. */
const ANSWERS: readonly (readonly [ask: string, whole: string])[] = [
  ['text 1000', textOf(1000)],
  ['text 10000', textOf(10_000)],
  ['text 100000', textOf(100_000)],
  ['array 30 1', partsOf(30, 1)],
  ['array 30 100', partsOf(30, 100)],
  ['stream 30 1', partsOf(30, 1)],
  ['stream 30 100', partsOf(30, 100)],
  ['model 10000', textOf(20_000)],
];
const openidOf = (n: number) => `oSizes${String(n).padStart(22, '0')}`;

/** All the words of an answer, without what was said around them. */
const wordsOf = (texts: readonly string[]) =>
  texts
    .map((text) => text.replace(`\n\n${MORE}`, '').replace(/\n\(\d+\/\d+\)/g, ''))
    .join('')
    .replaceAll('（之前的回答）', '')
    .replace(/\s/g, '');
const linkIn = (text: string | undefined) => /<a href="([^"]+)">阅读全文<\/a>/.exec(text ?? '')?.[1];
const html = async (link: string) => {
  const page = /<body[^>]*>([\s\S]*)<\/body>/.exec(await (await fetch(link)).text())?.[1] ?? '';
  return page.replace(/<[^>]*>/g, '').replace(/\s/g, '');
};

const toldTo = (world: World, openid: string) => {
  const messages = world.simulator.state().messages.filter((one) => one.openid === openid);
  // WeChat has refused nothing.
  expect(messages.map(({ errcode }) => errcode)).toEqual(messages.map(() => 0));
  return messages.map(({ body }) => (body as { text: { content: string } }).text.content);
};

const open = (env: Record<string, string>, pages: boolean) =>
  shareWorld(async () => {
    const world = await createHeldWorld({ handlers: HANDLERS, env });
    if (pages) Object.assign(world.env, { PUBLIC_URL: new URL(world.receiverUrl).origin });
    return world;
  });

/** Nothing of the user's is under way any more. */
async function settled(world: World, openid: string, before: number): Promise<string[]> {
  return eventually(async () => {
    const told = toldTo(world, openid);
    expect(told.length).toBeGreaterThan(before);
    expect(await world.redis.zcard(`{${world.env['WXRELAY_PREFIX']}:0}:oldest`)).toBe(0);
    return told;
  }, 60_000);
}

describe('on a verified account, through 继续,', { timeout: 240_000 }, () => {
  const opened = open({}, false);
  test.for(ANSWERS.map((answer, n) => [...answer, n] as const))('"%s" comes whole', async ([ask, whole, n]) => {
    const world = opened();
    const openid = openidOf(n);
    let told: string[] = [];
    do {
      const before = told.length;
      const { answer } = await world.push({ openid, text: before === 0 ? ask : '继续' });
      expect(answer?.kind).toBe('success');
      told = await settled(world, openid, before);
      expect(told.length - before).toBeLessThanOrEqual(5);
    } while (told.at(-1)?.endsWith(MORE));
    expect(wordsOf(told) === whole.replace(/\s/g, '')).toBe(true);
  });

  test('what a generator had said when it threw is sent, then that it is sorry', async () => {
    const world = opened();
    const openid = openidOf(99);
    await world.push({ openid, text: 'stream 9 1 6' });
    const parts = Array.from({ length: 6 }, (_, n) => partOf(n, 1));
    const told = [...parts.slice(0, 3), parts.slice(3).join('\n\n'), 'sorry'];
    await eventually(() => expect(toldTo(world, openid)).toEqual(told));
  });
});

describe('on a verified account with pages', { timeout: 120_000 }, () => {
  const opened = open({}, true);
  test.for(ANSWERS.map((answer, n) => [...answer, n] as const))('"%s" is there whole', async ([ask, whole, n]) => {
    const world = opened();
    const openid = openidOf(n);
    await world.push({ openid, text: ask });
    const told = await settled(world, openid, 0);
    expect(told.length).toBeLessThanOrEqual(5);
    const link = linkIn(told.at(-1));
    const read = link ? await html(link) : wordsOf(told);
    expect(read === whole.replace(/\s/g, '')).toBe(true);
    expect(told.join()).not.toContain(MORE);
  });
});

/** What the follower reads as the reply to his push. */
async function read(world: World, openid: string, text: string): Promise<string> {
  const { answer, attempts } = await world.push({ openid, text });
  expect(answer?.kind).toBe('reply');
  return /<Content><!\[CDATA\[([\s\S]*)\]\]><\/Content>/.exec(attempts.at(-1)?.body ?? '')?.[1] ?? '';
}

describe('on a passive-only account, through 继续,', { timeout: 240_000 }, () => {
  const opened = open(PASSIVE, false);
  test.for(ANSWERS.map((answer, n) => [...answer, n] as const))('"%s" comes whole', async ([ask, whole, n]) => {
    const told: string[] = [];
    do {
      told.push(await read(opened(), openidOf(n), told.length === 0 ? ask : '继续'));
      expect(Buffer.byteLength(told.at(-1) ?? '')).toBeLessThanOrEqual(2048);
    } while (told.at(-1)?.endsWith(MORE));
    expect(wordsOf(told) === whole.replace(/\s/g, '')).toBe(true);
    expect(opened().simulator.state().messages).toEqual([]);
  });
});

describe('on a passive-only account with pages', { timeout: 120_000 }, () => {
  const opened = open(PASSIVE, true);
  test.for(ANSWERS.map((answer, n) => [...answer, n] as const))('"%s" is there whole', async ([ask, whole, n]) => {
    const told = await read(opened(), openidOf(n), ask);
    const link = linkIn(told);
    expect((link ? await html(link) : wordsOf([told])) === whole.replace(/\s/g, '')).toBe(true);
  });
});
