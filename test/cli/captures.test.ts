import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChild } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { createWorld, type World } from '../helpers/world.ts';

interface Recorded {
  name: string;
  xml: string;
  expect: { FromUserName: string; ToUserName: string };
}

const FILE = new URL('../fixtures/messages.json', import.meta.url).pathname;
const recorded = JSON.parse(readFileSync(FILE, 'utf8')) as Recorded[];
const GREETING = '你好 · Hello · Hola · Bonjour · こんにちは · Привет';

let world: World;
beforeAll(async () => {
  world = await createWorld({ handlers: new URL('../../dist/workers/handlers/index.js', import.meta.url).pathname });
  await Promise.all([world.start('receiver'), world.start('worker')]);
});
afterAll(() => world.close());

async function play(...args: string[]) {
  const child = startChild(['simulator', 'push', ...args, '--json'], world.env);
  const code = await child.ended;
  return { code, ...JSON.parse(child.lines.at(-1) as string) };
}

test('hi is answered with a valid passive reply: addresses swapped, CreateTime in seconds', async () => {
  const openid = 'oCapture'.padEnd(28, '0');
  const played = await play('--text', 'hi', '--openid', openid);
  expect(played).toMatchObject({
    code: 0,
    answer: { kind: 'reply', reply: { type: 'text', content: "Hi, I'm here." } },
  });
  const [{ body, key }] = played.attempts;
  expect(key).toMatch(/^[\w.-]{16}-\d+\.\d+$/);
  expect(body).toContain(`<ToUserName><![CDATA[${openid}]]></ToUserName>`);
  expect(body).toContain('<FromUserName><![CDATA[gh_simulator]]></FromUserName>');
  expect(body).toMatch(/<CreateTime>\d{10}<\/CreateTime>/);
});

test('a recorded follow is welcomed, and an unfollow gets success', async () => {
  expect(await play(FILE, '--name', 'event.subscribe')).toMatchObject({ code: 0, answer: { kind: 'reply' } });
  const dir = mkdtempSync(join(tmpdir(), 'wxrelay-capture-'));
  const file = join(dir, 'unsubscribe.xml');
  const { xml, expect: fields } = recorded.find(({ name }) => name === 'event.subscribe') as Recorded;
  // Nobody who has left is written to: another follower than that of the pushes below.
  const leaving = xml.replace('subscribe', 'unsubscribe').replace(fields.FromUserName, 'oLeaving'.padEnd(28, '0'));
  writeFileSync(file, leaving);
  expect(await play(file)).toMatchObject({ code: 0, answer: { kind: 'success' } });
  rmSync(dir, { recursive: true });
});

// Those of the recorded pushes that are logs of a running server.
test.each(['text', 'file', 'malformed.control_char'])(
  'the recorded push "%s" gets success, then one customer-service message',
  async (name) => {
    const openid = recorded.find((push) => push.name === name)?.expect.FromUserName;
    const before = world.sent().length;
    expect(await play(FILE, '--name', name, '--fresh')).toMatchObject({ code: 0, answer: { kind: 'success' } });
    await eventually(() => expect(world.sent().slice(before)).toEqual([{ openid, text: GREETING }]));
  },
);

test('a follower whom the simulator has not met becomes known to it: the answer is sent, and stands in their chat', async () => {
  const openid = 'oStranger'.padEnd(28, '0');
  expect(await play('--text', 'anything', '--openid', openid)).toMatchObject({ code: 0, answer: { kind: 'success' } });
  await eventually(() => expect(world.sent().at(-1)).toEqual({ openid, text: GREETING }));
  const { followers, pushes } = world.simulator.state();
  expect(followers.map((follower) => follower.openid)).toContain(openid);
  expect(pushes.at(-1)).toMatchObject({ openid, facts: { text: 'anything' } });
});
