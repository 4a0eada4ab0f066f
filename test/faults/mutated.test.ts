import { existsSync, readFileSync } from 'node:fs';
import { Pool } from 'undici';
import { test } from 'vitest';
import { signedRequest } from '../../src/simulator/request.ts';
import { createWorld } from '../helpers/world.ts';
import { ACCOUNT } from '../receiver/requests.ts';
import { accepted } from '../wechat/fixtures.ts';
import { SEED, seeded } from './soak/settings.ts';

const COUNT = 100_000;
const VICTIM = '<FromUserName><![CDATA[oForged_0000000000000000000]]></FromUserName>';
const HEADER = ['ToUserName', 'FromUserName', 'CreateTime', 'MsgType'];
const PIECES = [
  '<',
  '>',
  ']]>',
  '<![CDATA[',
  '</xml>',
  '<xml>',
  '&lt;',
  '&#0;',
  '<!DOCTYPE x>',
  '<__proto__>',
  '</Content>',
  '\0',
  '\ud83d',
  '<Encrypt>',
  '<!--',
];

function mutate(xml: string, random: (below: number) => number): string {
  // A user reaches what comes after the header; there, in half of the cases, they claim to be somebody else.
  const forges = random(2) === 0;
  const from = forges ? Math.max(...HEADER.map((name) => xml.indexOf(`</${name}>`) + name.length + 3)) : 0;
  let [head, tail] = [xml.slice(0, from), xml.slice(from)];
  for (let changes = 1 + random(5); changes > 0; changes--) {
    const at = random(tail.length + 1);
    const length = random(20);
    const piece =
      forges && random(2) === 0
        ? [VICTIM, `]]></Content>${VICTIM}`, `]]>${VICTIM}<![CDATA[`][random(3)]
        : PIECES[random(PIECES.length)];
    const kind = random(3);
    if (kind === 0) tail = tail.slice(0, at) + piece + tail.slice(at);
    else if (kind === 1) tail = tail.slice(0, at) + tail.slice(at + length);
    else tail = tail.slice(0, at) + tail.slice(at, at + length) + tail.slice(at);
  }
  head = head.replace(/<MsgId>\d+/, `<MsgId>${random(1e9)}`);
  return head + tail;
}

test('a hundred thousand mutated pushes: no crash, nothing but 200, no memory kept, no forged sender', {
  timeout: 300_000,
}, async (t) => {
  const world = await createWorld({ handlers: new URL('../fixtures/watchful.mjs', import.meta.url).pathname });
  t.onTestFinished(() => world.close());
  // A small heap: what the process holds is then what it keeps, and not garbage that it had no need to collect yet.
  const running = await world.start('receiver', { NODE_OPTIONS: '--max-old-space-size=64 --max-semi-space-size=2' });
  console.log(`seed ${SEED}`);
  const next = seeded(SEED);
  const random = (below: number) => Math.floor(next() * below);
  const pool = new Pool(new URL(world.receiverUrl).origin, { connections: 32 });
  t.onTestFinished(() => pool.close());
  const statuses = new Map<number, number>();
  const account = { ...ACCOUNT, encryption: 'plain' } as const;
  const rss = () =>
    existsSync('/proc/self/statm')
      ? Number(readFileSync(`/proc/${running.process.pid}/statm`, 'utf8').split(' ')[1]) * 4096
      : 0;

  const play = async (count: number) => {
    let left = count;
    const client = async () => {
      while (left-- > 0) {
        const xml = mutate(accepted[random(accepted.length)]?.xml as string, random);
        const { url, body } = signedRequest(world.receiverUrl, account, {
          xml,
          openid: 'oTest0penid_AAAAAAAAAAAAAAA1',
          to: '',
        });
        const path = url.slice(new URL(url).origin.length);
        const { statusCode, body: answer } = await pool.request({ method: 'POST', path, body });
        await answer.dump();
        statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: 32 }, client));
  };

  await play(COUNT / 2);
  const halfway = rss();
  await play(COUNT / 2);
  console.log(`the receiver holds ${Math.round(halfway / 1e6)} MB halfway, ${Math.round(rss() / 1e6)} MB at the end`);
  t.expect([...statuses]).toEqual([[200, COUNT]]);
  t.expect(running.process.exitCode).toBeNull();
  t.expect(world.runs('forged')).toEqual([]);
  t.expect(rss()).toBeLessThanOrEqual(halfway * 1.25);
});
