// One follower for whom as much waits as may: the next push is told so, and nothing that was acknowledged is lost.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AnyHandler } from '../../src/handlers/definition.ts';
import * as metrics from '../../src/metrics.ts';
import { connectWorker } from '../../src/store/connection.ts';
import { revive } from '../../src/store/lanes.ts';
import { DEAD, openQueues } from '../../src/store/queues.ts';
import { eventually } from '../helpers/eventually.ts';
import { createHarness } from './harness.ts';
import { newMsgId, newOpenid, plain, post, textXml } from './requests.ts';

const harness = createHarness();
const data = mkdtempSync(join(tmpdir(), 'wxrelay-full-'));
const redis = connectWorker(harness.env.REDIS_URL, () => undefined);
const queues = openQueues(redis);
afterAll(async () => {
  await harness.close();
  await queues.close();
  redis.disconnect();
  rmSync(data, { recursive: true, force: true });
});

const HANDLERS: AnyHandler[] = [
  { name: 'quick', on: 'text', match: /^quick/, reply: () => 'at once', run: () => 'later' },
  { name: 'fixed', on: 'text', match: /^fixed/, reply: 'at once', run: () => 'later' },
  { name: 'held', on: 'text', match: /^held/, wait: 4, run: () => 'later' },
  { name: 'silent', on: 'text', run: () => 'later' },
] as const satisfies AnyHandler[];
const REJECTED = '发得太频繁';
const tag = `{${harness.env.WXRELAY_PREFIX}:0}`;
const laneOf = (user: string, queue = 'handle') => `${tag}:lane:${queue}:${user}`;
const counted = async () => (await metrics.fullLanes.get()).values.reduce((sum, { value }) => sum + value, 0);

describe('the next push of a follower for whom as much waits as WXRELAY_MAX_LANE allows', () => {
  let receiver: Awaited<ReturnType<typeof harness.start>>;
  beforeAll(async () => {
    receiver = await harness.start(HANDLERS, { env: { WXRELAY_MAX_LANE: '3' } });
  });
  const say = (openid: string, text: string, id = newMsgId()) => post(receiver.url, plain(textXml(openid, text, id)));
  const fill = async (openid: string, count: number) => {
    for (let n = 0; n < count; n++) expect((await say(openid, `silent ${n}`)).body).toBe('success');
  };

  test.each(['silent', 'fixed', 'quick', 'held'])('is told so, and so are its copies: %s', async (text) => {
    // A push is held only while a worker lives.
    await harness.redis.set(`${tag}:alive`, '1', 'EX', 60);
    const openid = newOpenid();
    const id = newMsgId();
    const { user } = await harness.nameOf(openid, id);
    await fill(openid, 3);
    const [before, said] = [await counted(), receiver.events('lane.full').length];
    const { status, body } = await say(openid, text, id);
    expect([status, body]).toEqual([200, expect.stringContaining(REJECTED)]);
    expect(await harness.redis.llen(laneOf(user))).toBe(3);
    expect(await counted()).toBe(before + 1);
    expect(receiver.events('lane.full')[said]).toMatchObject({
      handler: text,
      advice: expect.stringContaining('MAX_LANE'),
    });
    expect(await harness.trace(openid, id)).toEqual(['rejected: too much waits for its user already']);
    await harness.redis.lpop(laneOf(user));
    expect((await say(openid, text, id)).body).toBe(body);
    expect(await harness.redis.llen(laneOf(user))).toBe(2);
    await fill(openid, 1);
  });

  test('counts what waits to be sent, too', async () => {
    const openid = newOpenid();
    const { user } = await harness.nameOf(openid, '1');
    await fill(openid, 1);
    const answers = ['1', '2'].map((n) => `${Date.now()}|${user}-${n}~0|{}`);
    await harness.redis.rpush(laneOf(user, 'deliver'), ...answers);
    expect((await say(openid, 'one more')).body).toContain(REJECTED);
  });

  test('concerns nobody else', async () => {
    await fill(newOpenid(), 3);
    await fill(newOpenid(), 3);
  });
});

test('what comes from the disk was acknowledged: it waits in dead, and can be sent again', async () => {
  const env = { WXRELAY_MAX_LANE: '3', WXRELAY_SPOOL: 'always', WXRELAY_DATA_DIR: data };
  const receiver = await harness.start(HANDLERS, { env });
  const openid = newOpenid();
  const ids = Array.from({ length: 5 }, () => newMsgId());
  for (const id of ids) {
    const { status, body } = await post(receiver.url, plain(textXml(openid, `silent ${id}`, id)));
    expect([status, body]).toEqual([200, 'success']);
  }
  const { user } = await harness.nameOf(openid, '1');
  const dead = () => queues.get(tag, DEAD).getJobs();
  await eventually(async () => expect(await dead()).toHaveLength(2));
  await eventually(async () => expect(receiver.events('push.given_up')).toHaveLength(2));
  const waiting = async () =>
    (await harness.redis.lrange(laneOf(user), 0, -1)).map((entry) => /silent (\d+)/.exec(entry)?.[1]);
  expect(await waiting()).toEqual(ids.slice(0, 3));
  const letters = (await dead()).sort((a, b) => (a.data.key < b.data.key ? -1 : 1));
  expect(letters.map(({ data }) => data)).toMatchObject(
    ids.slice(3).map((id) => ({
      key: expect.stringContaining(id),
      handler: 'silent',
      queue: 'handle',
      reason: expect.stringContaining('too much waits'),
    })),
  );
  for (const { id } of letters) expect(await revive(redis, tag, id ?? '')).toBe(true);
  expect(await waiting()).toEqual(ids);
});
