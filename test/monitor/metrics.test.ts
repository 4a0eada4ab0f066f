import { describe, expect, test } from 'vitest';
import * as metrics from '../../src/metrics.ts';
import { createApiPauses } from '../../src/store/api-pauses.ts';
import { publishCounters } from '../../src/store/counters.ts';
import { accountTag, countersKey } from '../../src/store/keys.ts';
import { createTokenCache } from '../../src/store/token-cache.ts';
import { parseExposition, valueAt } from './exposition.ts';
import { type Watched, watch } from './harness.ts';

const scrape = async (watched: Watched) => {
  const answer = await watched.ask('/metrics');
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  return parseExposition(await answer.text());
};
const tagsOf = (watched: Watched) => watched.names.tags() as [string, ...string[]];

/** Seconds by Redis's clock, `ago` in the past, as a lane's arrival. */
async function arrived(watched: Watched, ago: number): Promise<number> {
  const [seconds] = await watched.redis.time();
  return (Number(seconds) - ago) * 1000;
}

describe('/metrics', () => {
  test('is sound and complete before anything has happened', async (t) => {
    const watched = await watch();
    t.onTestFinished(() => watched.close());
    const samples = await scrape(watched);
    expect(valueAt(samples, 'wxrelay_ack_seconds_bucket', { le: '0.001' })).toBe(0);
    expect(valueAt(samples, 'wxrelay_ack_seconds_count')).toBe(0);
    for (const queue of ['handle', 'deliver']) {
      expect(valueAt(samples, 'wxrelay_lanes', { queue })).toBe(0);
      expect(valueAt(samples, 'wxrelay_oldest_waiting_seconds', { queue })).toBe(0);
    }
    expect(valueAt(samples, 'wxrelay_dead')).toBe(0);
  });

  test('shows how the account stands: refused by WeChat, its APIs that rest, the age of its token, and no secret', async (t) => {
    const watched = await watch();
    t.onTestFinished(() => watched.close());
    const none = await scrape(watched);
    expect(valueAt(none, 'wxrelay_account_unusable')).toBe(0);
    expect(none.some(({ name }) => /api_paused|token_age/.test(name))).toBe(false);

    const tag = accountTag(watched.config.prefix, watched.config.account.id);
    const [cache, pauses, now] = [
      createTokenCache(watched.redis, tag),
      createApiPauses(watched.redis, tag),
      Date.now(),
    ];
    await cache.write({ token: 'THE-TOKEN', expiresAt: now + 7_200_000, refreshAt: now + 6_000_000 });
    await cache.fetched(now - 60_000);
    const advice = { en: 'do', zh: '做' };
    await cache.beginUnusable({ api: '/x', errcode: 40164, errmsg: 'no', since: now, advice, retryAt: now + 60_000 });
    await pauses.pauseUntil('/cgi-bin/menu/get', 45009, now, now + 60_000, now + 30_000);
    await pauses.pauseUntil('/cgi-bin/user/get', 45009, now - 2000, now - 1000, now - 1000);

    const samples = await scrape(watched);
    expect(valueAt(samples, 'wxrelay_account_unusable')).toBe(1);
    expect(samples.filter(({ name }) => name === 'wxrelay_api_paused')).toEqual([
      expect.objectContaining({ labels: { api: '/cgi-bin/menu/get', errcode: '45009' }, value: 1 }),
    ]);
    expect(valueAt(samples, 'wxrelay_token_age_seconds')).toBeGreaterThanOrEqual(60);
    expect(await (await watched.ask('/metrics')).text()).not.toContain('THE-TOKEN');
    await cache.endUnusable();
    expect(valueAt(await scrape(watched), 'wxrelay_account_unusable')).toBe(0);
  });

  test('carries what processes published, under the same names and labels, with every bucket', async (t) => {
    const watched = await watch();
    t.onTestFinished(() => watched.close());
    t.onTestFinished(() => metrics.registry.resetMetrics());
    metrics.runs.inc({ handler: 'weather', outcome: 'done' }, 3);
    metrics.sends.inc({ errcode: '45015' });
    for (const seconds of [0.002, 0.2, 9]) metrics.ackSeconds.observe(seconds);
    await publishCounters(watched.redis, watched.config.prefix).stop();

    const samples = await scrape(watched);
    expect(valueAt(samples, 'wxrelay_runs_total', { handler: 'weather', outcome: 'done' })).toBe(3);
    expect(valueAt(samples, 'wxrelay_sends_total', { errcode: '45015' })).toBe(1);
    const buckets = samples.filter(({ name }) => name === 'wxrelay_ack_seconds_bucket');
    expect(buckets.map(({ labels, value }) => [labels['le'], value])).toEqual([
      ['0.001', 0],
      ['0.0025', 1],
      ['0.005', 1],
      ['0.01', 1],
      ['0.025', 1],
      ['0.05', 1],
      ['0.1', 1],
      ['0.3', 2],
      ['1', 2],
      ['3', 2],
      ['5', 2],
      ['+Inf', 3],
    ]);
    expect(valueAt(samples, 'wxrelay_ack_seconds_count')).toBe(3);
    expect(valueAt(samples, 'wxrelay_ack_seconds_sum')).toBeCloseTo(9.202);
  });

  test('adds up what several processes published, and leaves out what it does not know', async (t) => {
    const watched = await watch();
    t.onTestFinished(() => watched.close());
    const key = countersKey(watched.config.prefix);
    for (const _process of [1, 2]) await watched.redis.hincrbyfloat(key, 'wxrelay_acks_total{answer="success"}', 2);
    await watched.redis.hincrbyfloat(key, 'wxrelay_pushes_total{type="a \\"b\\"",outcome="x\\\\y"}', 1);
    await watched.redis.hincrbyfloat(key, 'wxrelay_of_another_version_total', 7);
    const samples = await scrape(watched);
    expect(valueAt(samples, 'wxrelay_acks_total', { answer: 'success' })).toBe(4);
    expect(valueAt(samples, 'wxrelay_pushes_total', { type: 'a "b"', outcome: 'x\\y' })).toBe(1);
    expect(samples.some(({ name }) => name.includes('another_version'))).toBe(false);
  });

  test('counts the jobs, the lanes and the dead of all partitions', async (t) => {
    const watched = await watch({ WXRELAY_PARTITIONS: '2' });
    t.onTestFinished(() => watched.close());
    const [one, two] = tagsOf(watched) as [string, string];
    await watched.queues.get(one, 'handle').add('push', { user: 'a' });
    await watched.queues.get(two, 'handle').add('push', { user: 'b' });
    await watched.queues.get(two, 'deliver').add('answer', { user: 'b' }, { delay: 3_600_000 });
    await watched.queues.get(two, 'dead').add('push', { key: 'b-1' });
    await watched.redis.zadd(
      `${one}:oldest`,
      await arrived(watched, 30),
      'handle:a',
      await arrived(watched, 10),
      'deliver:a',
    );
    await watched.redis.zadd(
      `${two}:oldest`,
      await arrived(watched, 90),
      'handle:b',
      await arrived(watched, 20),
      'forgotten:b',
    );
    const week = 7 * 86_400;
    await watched.redis.zadd(`${one}:parked`, await arrived(watched, 60 - week), 'a');
    await watched.redis.zadd(
      `${two}:parked`,
      await arrived(watched, 120 - week),
      'b',
      await arrived(watched, -week),
      'c',
    );

    const samples = await scrape(watched);
    expect(valueAt(samples, 'wxrelay_queue_jobs', { queue: 'handle', state: 'waiting' })).toBe(2);
    expect(valueAt(samples, 'wxrelay_queue_jobs', { queue: 'deliver', state: 'delayed' })).toBe(1);
    expect(valueAt(samples, 'wxrelay_queue_jobs', { queue: 'dead', state: 'failed' })).toBe(0);
    expect(valueAt(samples, 'wxrelay_dead')).toBe(1);
    expect(valueAt(samples, 'wxrelay_parked_users')).toBe(3);
    expect(valueAt(samples, 'wxrelay_parked_oldest_seconds')).toBeGreaterThanOrEqual(119);
    expect(valueAt(samples, 'wxrelay_lanes', { queue: 'handle' })).toBe(2);
    expect(valueAt(samples, 'wxrelay_lanes', { queue: 'deliver' })).toBe(1);
    const oldest = valueAt(samples, 'wxrelay_oldest_waiting_seconds', { queue: 'handle' });
    expect(oldest).toBeGreaterThanOrEqual(90);
    // Lanes of a queue that no handler uses any more are the ones an operator must hear of.
    expect(valueAt(samples, 'wxrelay_lanes', { queue: 'forgotten' })).toBe(1);
    expect(valueAt(samples, 'wxrelay_oldest_waiting_seconds', { queue: 'forgotten' })).toBeGreaterThanOrEqual(20);
  });

  test('estimates the lanes where there are very many, and misses no queue behind thousands of older lanes', async (t) => {
    const watched = await watch();
    t.onTestFinished(() => watched.close());
    const [tag] = tagsOf(watched);
    const lanes = async (queue: string, count: number, ago: number) => {
      const at = await arrived(watched, ago);
      await watched.redis.zadd(
        `${tag}:oldest`,
        ...Array.from({ length: count }, (_, n) => [at, `${queue}:${n}`]).flat(),
      );
    };
    await lanes('handle', 15_000, 600);
    await lanes('deliver', 5000, 60);

    const samples = await scrape(watched);
    const [handle = 0, deliver = 0] = ['handle', 'deliver'].map((queue) =>
      valueAt(samples, 'wxrelay_lanes', { queue }),
    );
    expect(handle + deliver).toBe(20_000);
    expect(handle).toBeGreaterThan(13_500);
    expect(deliver).toBeGreaterThan(3500);
    expect(valueAt(samples, 'wxrelay_oldest_waiting_seconds', { queue: 'handle' })).toBeGreaterThanOrEqual(600);
    expect(valueAt(samples, 'wxrelay_oldest_waiting_seconds', { queue: 'deliver' })).toBeGreaterThanOrEqual(60);
  });
});
