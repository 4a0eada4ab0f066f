// 继续 asks for what is parked, however it is spelled, written or spoken; where nothing is, it is a message like any other.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { AnyHandler } from '../../src/handlers/definition.ts';
import { eventually } from '../helpers/eventually.ts';
import { createHarness } from './harness.ts';
import { newMsgId, newOpenid, plain, post, pushXml } from './requests.ts';

const data = mkdtempSync(join(tmpdir(), 'wxrelay-more-'));
afterAll(() => rmSync(data, { recursive: true, force: true }));

const spellings: [string, Record<string, string>][] = [
  ['继续', { Content: '继续' }],
  [' 继续 ', { Content: ' 继续 ' }],
  ['继续 and ideographic spaces', { Content: '　继续　' }],
  ['继续 and a line break', { Content: '继续\r\n' }],
  ['继续 of a menu item', { Content: '继续', bizmsgmenuid: '1' }],
  ['继续 in a voice', { Recognition: '继续' }],
  ['继续。 in a voice', { Recognition: '继续。' }],
  ['继续！ in a voice', { Recognition: ' 继续！' }],
  ['继续? in a voice', { Recognition: '继续?' }],
];
const others: [string, Record<string, string>][] = [
  ['继续。', { Content: '继续。' }],
  ['请继续', { Content: '请继续' }],
  ['继续吧。 in a voice', { Recognition: '继续吧。' }],
];

const accounts: [string, Record<string, string>][] = [
  ['that may send', { WECHAT_CUSTOMER_SERVICE: 'on' }],
  ['that may not send', { WECHAT_CUSTOMER_SERVICE: 'off' }],
  ['that may send, over the disk', { WECHAT_CUSTOMER_SERVICE: 'on', WXRELAY_SPOOL: 'always', WXRELAY_DATA_DIR: data }],
];

describe.each(accounts)('on an account %s', (_, env) => {
  const harness = createHarness();
  afterAll(() => harness.close());
  const works: AnyHandler = { name: 'works', on: 'message', run: () => 'done' };
  const receiver = harness.start([works], { env });

  /** Whether the push has gone to the handler, once it is known. */
  async function reaches(said: Record<string, string>, isParked: boolean): Promise<boolean> {
    const [openid, MsgId] = [newOpenid(), newMsgId()];
    const { names, user } = await harness.nameOf(openid, MsgId);
    const tag = names.tagOf(user);
    const answer = JSON.stringify({ handler: 'works', message: { type: 'text', content: 'the rest' } });
    if (isParked) await harness.redis.rpush(`${tag}:parked:${user}`, `${Date.now()}|${user}-1~0|${answer}`);
    const type = 'Content' in said ? 'text' : 'voice';
    const xml = pushXml(openid, type, { ...(type === 'voice' ? { MediaId: 'm', Format: 'amr' } : {}), ...said, MsgId });
    expect((await post((await receiver).url, plain(xml))).status).toBe(200);
    await eventually(async () => expect(await harness.trace(openid, MsgId)).not.toEqual([]));
    return (await harness.redis.exists(`${tag}:lane:handle:${user}`)) === 1;
  }

  test.each(spellings)('%s reaches no handler while something is parked', async (_spelling, said) => {
    expect(await reaches(said, true)).toBe(false);
  });

  test.each(spellings)('%s reaches its handler where nothing is parked', async (_spelling, said) => {
    expect(await reaches(said, false)).toBe(true);
  });

  test.each(others)('%s is not the command, and reaches its handler', async (_spelling, said) => {
    expect(await reaches(said, true)).toBe(true);
  });
});
