// What `whenBusy` and `limit` make of pushes that come faster than they are handled.
import { describe, type TestContext, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { createWorld, shareWorld } from '../helpers/world.ts';

const openidOf = (n: number) => `oBusy${String(n).padStart(23, '0')}`;

describe.concurrent('while an earlier push of the same user and handler waits or runs', { timeout: 90_000 }, () => {
  const world = shareWorld(() => createWorld({ simulator: { counted: false }, env: { REJECTED: '慢一点' } }));

  const say = async (openid: string, text: string) => (await world().push({ openid, text })).answer;
  const answersTo = (openid: string) =>
    world()
      .sent()
      .filter((sent) => sent.openid === openid)
      .map(({ text }) => text);
  const until = (t: TestContext, openid: string, texts: string[]) =>
    eventually(() => t.expect(answersTo(openid)).toEqual(texts));
  const started = (t: TestContext, label: string) =>
    eventually(() =>
      t
        .expect(
          world()
            .runs('start')
            .some((line) => line.includes(label)),
        )
        .toBe(true),
    );

  test('merge takes what has waited together, in order, in one run with one answer', async (t) => {
    const openid = openidOf(1);
    await say(openid, 'merge 3000 a1');
    await started(t, ' a1 ');
    for (const label of ['a2', 'a3', 'a4']) await say(openid, `merge 10 ${label}`);
    await until(t, openid, ['done a1', 'done a2+a3+a4']);
    t.expect(
      world()
        .runs('start')
        .filter((line) => / a\d/.test(line)),
    ).toHaveLength(2);
  });

  test('merge stops at a push of another handler, and at twenty', async (t) => {
    const openid = openidOf(2);
    await say(openid, 'merge 6000 b0');
    await started(t, ' b0 ');
    await say(openid, 'merge 10 b1');
    await say(openid, 'slow 5 between');
    for (let n = 2; n < 24; n++) await say(openid, `merge 10 b${n}`);
    const labels = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `b${from + n}`).join('+');
    await until(t, openid, ['done b0', 'done b1', 'done between', `done ${labels(2, 22)}`, `done ${labels(22, 24)}`]);
  });

  test('merged pushes that are given up on are each in dead, and the user is told once', async (t) => {
    const openid = openidOf(3);
    await say(openid, 'merge-fails c1');
    await started(t, ' c1 ');
    for (const label of ['c2', 'c3']) await say(openid, `merge-fails ${label}`);
    await eventually(() => t.expect(answersTo(openid)).toHaveLength(2));
    t.expect(
      world()
        .runs('start')
        .filter((line) => / c\d/.test(line))
        .map((line) => line.split(' ')[1]),
    ).toEqual(['c1', 'c2+c3']);
    const buried = await world().redis.keys(`{${world().env['WXRELAY_PREFIX']}:0}:buried:*`);
    const values = await Promise.all(buried.map((key) => world().redis.get(key)));
    t.expect(values.filter((value) => value?.includes(openid))).toHaveLength(3);
  });

  test('latest aborts the one that runs, drops what waits, and answers the newest alone', async (t) => {
    const openid = openidOf(4);
    await say(openid, 'latest 60000 d1');
    await started(t, ' d1 ');
    await say(openid, 'latest 60000 d2');
    await say(openid, 'latest 10 d3');
    await until(t, openid, ['done d3']);
    t.expect(
      world()
        .runs('end')
        .filter((line) => / d\d/.test(line))
        .map((line) => line.split(' ')[1]),
    ).toEqual(['d3']);
  });

  test('latest leaves pushes of other handlers where they are', async (t) => {
    const openid = openidOf(5);
    await say(openid, 'slow 2000 e0');
    await started(t, ' e0 ');
    await say(openid, 'latest 10 e1');
    await say(openid, 'slow 5 e2');
    await say(openid, 'latest 10 e3');
    await until(t, openid, ['done e0', 'done e2', 'done e3']);
  });

  test('reject answers with texts.rejected, copies too, and takes the next one after it', async (t) => {
    const openid = openidOf(6);
    await say(openid, 'reject 1500 f1');
    await started(t, ' f1 ');
    const xml = `<xml><ToUserName>gh_</ToUserName><FromUserName>${openid}</FromUserName><CreateTime>1</CreateTime><MsgType>text</MsgType><Content>reject 10 f2</Content><MsgId>77001</MsgId></xml>`;
    const bodies = [];
    for (let n = 0; n < 2; n++) bodies.push((await world().push({ xml })).attempts[0]?.body);
    t.expect(bodies[0]).toContain('慢一点');
    t.expect(bodies[1]).toBe(bodies[0]);
    await until(t, openid, ['done f1']);
    t.expect((await say(openid, 'reject 10 f3'))?.kind).toBe('success');
    await until(t, openid, ['done f1', 'done f3']);
  });

  test('a limit rejects what is too much, for that user and handler alone, until its period is over', async (t) => {
    const openid = openidOf(7);
    const kinds = [];
    for (const label of ['g1', 'g2', 'g3', 'g4', 'g5']) kinds.push((await say(openid, `limited ${label}`))?.kind);
    t.expect(kinds).toEqual(['success', 'success', 'success', 'reply', 'reply']);
    const [limit = ''] = await world().redis.keys(`{${world().env['WXRELAY_PREFIX']}:0}:limit:*`);
    t.expect(await world().redis.ttl(limit)).toBeGreaterThan(0);
    t.expect(await world().redis.ttl(limit)).toBeLessThanOrEqual(60);
    t.expect((await say(openid, 'slow 5 other'))?.kind).toBe('success');
    t.expect((await say(openidOf(8), 'limited g6'))?.kind).toBe('success');
    await until(t, openid, ['done g1', 'done g2', 'done g3', 'done other']);
    // Nobody wants to wait for the minute's end.
    await world().redis.pexpire(limit, 1);
    await eventually(async () => t.expect(await world().redis.exists(limit)).toBe(0));
    t.expect((await say(openid, 'limited g7'))?.kind).toBe('success');
  });
});
