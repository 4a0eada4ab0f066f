import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startChild } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { createWorld, type World } from '../helpers/world.ts';

const SEND = '/cgi-bin/message/custom/send';

let world: World;
beforeAll(async () => {
  world = await createWorld({ env: { WECHAT_TOKEN_API: 'legacy' } });
});
afterAll(() => world.close());

async function token(...args: string[]) {
  const child = startChild(['token', ...args], world.env);
  const code = await child.ended;
  return { code, text: child.lines.join('\n') };
}
const asJson = async (...args: string[]) => JSON.parse((await token(...args, '--json')).text);
const order = (body: object) =>
  fetch(`${world.simulator.url}/simulator/fault`, { method: 'POST', body: JSON.stringify(body) });

describe('wxrelay token', () => {
  test('says that there is none where nobody has fetched one', async () => {
    expect(await asJson()).toEqual({
      account: 'wx0123456789abcdef',
      state: 'none',
      fetchesToday: 0,
      forcesToday: 0,
      pauses: [],
    });
  });

  test('shows how the token stands, and the token itself only when told to', async () => {
    await Promise.all([world.start('receiver'), world.start('worker')]);
    await world.push({ openid: 'oCliToken'.padEnd(28, '0'), text: 'slow 5 x' });
    await eventually(() => expect(world.sent()).toHaveLength(1));
    const seen = await asJson('--show');
    expect(seen).toMatchObject({ state: 'alive', access_token: expect.stringMatching(/^99_/), fetchesToday: 1 });
    expect(seen.remainingSeconds).toBeGreaterThan(7000);
    expect(seen.remainingSeconds + seen.ageSeconds).toBeLessThanOrEqual(7201);
    const { text } = await token();
    expect(text).toContain('alive, for');
    expect(text + JSON.stringify(await asJson())).not.toContain(seen.access_token);
  });

  test('fetches a new one with --refresh, which the workers then use', async () => {
    const before = await asJson('--show');
    const after = await asJson('--show', '--refresh');
    expect(after).toMatchObject({ state: 'alive', fetchesToday: 2 });
    expect(after.access_token).not.toBe(before.access_token);
    expect(world.simulator.state().counters.token).toBe(2);
  });

  test('shows what WeChat refuses and what to do about it, and tries again with --refresh', async () => {
    await order({ path: '/cgi-bin/token', errcode: 40164, errmsg: 'invalid ip 203.0.113.7, not in whitelist' });
    const refused = await token('--refresh');
    expect(refused.code).toBe(1);
    expect(refused.text).toContain(
      'put 203.0.113.7 on the IP 白名单 at 微信开发者平台 → 我的业务 → 公众号/服务号 → 基础信息 → 开发密钥（原：设置与开发 → 基本配置）',
    );
    expect(refused.text).toContain('请把 203.0.113.7 加入');
    expect(await asJson()).toMatchObject({
      state: 'ended',
      unusable: { errcode: 40164, api: '/cgi-bin/token' },
      lastError: { errcode: 40164 },
    });
    const after = await asJson('--refresh');
    expect(after).toMatchObject({ state: 'alive', fetchesToday: 4 });
    expect(after.unusable).toBeUndefined();
  });

  test('shows which APIs are held back', async () => {
    await order({ path: SEND, errcode: 45009 });
    await world.push({ openid: 'oCliPause'.padEnd(28, '0'), text: 'slow 5 y' });
    await eventually(async () =>
      expect((await asJson()).pauses).toEqual([expect.objectContaining({ api: SEND, errcode: 45009 })]),
    );
    expect((await token()).text).toContain(`${SEND} until`);
  });
});
