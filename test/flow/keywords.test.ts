// The console's auto-reply as handlers, in a receiver and a worker as processes of their own.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChild } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { createWorld, type World } from '../helpers/world.ts';

const HANDLERS = new URL('../fixtures/keywords.mjs', import.meta.url).pathname;
const OPENID = 'oKeywords_0000000000000000001';
const text = (content: string) => ({ type: 'text', content });
const rule = (keyword: string, ...replies: object[]) => ({
  rule_name: keyword,
  reply_mode: 'reply_all',
  keyword_list_info: [{ type: 'text', match_mode: 'contain', content: keyword }],
  reply_list_info: replies,
});

let folder: string;
let world: World;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'wxrelay-keywords-'));
  const file = join(folder, 'keywords.json');
  writeFileSync(
    file,
    JSON.stringify({
      add_friend_autoreply_info: text('谢谢关注'),
      message_default_autoreply_info: text('默认'),
      keyword_autoreply_info: { list: [rule('时间', text('九点')), rule('全部', text('第一'), text('第二'))] },
    }),
  );
  world = await createWorld({ handlers: HANDLERS, env: { KEYWORDS_FILE: file } });
  await Promise.all([world.start('receiver'), world.start('worker')]);
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true });
});

const replyTo = async (request: Parameters<World['push']>[0]) => {
  const { answer } = await world.push({ openid: OPENID, ...request });
  return answer?.kind === 'reply' ? answer.reply : answer?.kind;
};

test('keywords, new followers and all else are answered at once; a handler before them goes first', async () => {
  expect(await replyTo({ text: '什么时间开门' })).toMatchObject({ content: '九点' });
  expect(await replyTo({ event: 'subscribe' })).toMatchObject({ content: '谢谢关注' });
  expect(await replyTo({ text: '别的' })).toMatchObject({ content: '默认' });
  expect(await replyTo({ text: '我的' })).toMatchObject({ content: '自己的' });
});

test('a rule that says several is answered by the worker, in their order', async () => {
  expect(await replyTo({ text: '全部' })).toBe('success');
  await eventually(() => expect(world.sent().map(({ text: said }) => said)).toEqual(['第一', '第二']));
});

test('a file that is wrong stops receiver and worker, with what is wrong', async () => {
  const wrong = join(folder, 'wrong.json');
  writeFileSync(
    wrong,
    JSON.stringify({ keyword_autoreply_info: { list: [{ ...rule('x', text('y')), reply_mode: 'all' }] } }),
  );
  for (const name of ['receiver', 'worker']) {
    const child = startChild([name, '--handlers', HANDLERS], { ...world.env, KEYWORDS_FILE: wrong }, folder);
    expect(await child.ended).toBe(78);
    expect(child.lines.join('\n')).toMatch(/wrong\.json: keyword_autoreply_info\.list\[0\]\.reply_mode: /);
    expect(child.lines.join('\n')).not.toContain('    at ');
  }
});
