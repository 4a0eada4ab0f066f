import { readFileSync } from 'node:fs';
import type { Job } from 'bullmq';
import { describe, expect, test } from 'vitest';
import { type Watched, watch } from './harness.ts';

interface ShownQueue {
  readonly name: string;
  readonly displayName?: string;
  readonly description: string;
  readonly counts: Record<string, number>;
  readonly jobs: { readonly name: string }[];
}

async function shownQueues(watched: Watched, query = ''): Promise<ShownQueue[]> {
  return ((await (await watched.ask(`/queues/api/queues${query}`)).json()) as { queues: ShownQueue[] }).queues;
}

const firstTag = (watched: Watched) => watched.names.tags()[0] as string;
const KEY = 'AbCdEfGhIjKlMnOp-6001';

describe('the board', () => {
  test('shows the handlers’ queues, deliver and dead, and says what a job of each stands for', async (t) => {
    const watched = await watch({}, ['handle', 'slow-models']);
    t.onTestFinished(() => watched.close());
    const shown = await shownQueues(watched);
    expect(shown.map(({ name }) => name)).toEqual(['handle', 'slow-models', 'deliver', 'dead']);
    for (const { name, description } of shown)
      expect(description).toContain(name === 'dead' ? 'Retry puts it back' : '“waiting” counts users');
    const pushes = shown[0]?.description;
    const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8').replace(/\s+/g, ' ');
    for (const words of ['one user’s turn', 'ends after 100 ms of work', '“waiting” counts users'])
      expect([pushes, readme.replaceAll("'", '’')]).toEqual([
        expect.stringContaining(words),
        expect.stringContaining(words),
      ]);
  });

  test('names a job after its handler and push as soon as it has them', async (t) => {
    const watched = await watch();
    t.onTestFinished(() => watched.close());
    const handle = watched.queues.get(firstTag(watched), 'handle');
    await handle.add('push', { user: 'AbCdEfGhIjKlMnOp' });
    await handle.add('push', { user: 'AbCdEfGhIjKlMnOp', handler: 'weather', key: KEY, attempt: 1 });
    const [shown] = await shownQueues(watched, '?activeQueue=handle&status=waiting');
    expect(shown?.jobs.map(({ name }) => name).sort()).toEqual(['push', `weather · ${KEY}`]);
  });

  test('shows every partition, each with its number and its own jobs', async (t) => {
    const watched = await watch({ WXRELAY_PARTITIONS: '2' });
    t.onTestFinished(() => watched.close());
    const second = watched.queues.get(watched.names.tags()[1] as string, 'handle');
    const job = await second.add('push', { user: 'AbCdEfGhIjKlMnOp' });
    const shown = await shownQueues(watched);
    expect(shown.map(({ displayName, counts }) => [displayName, counts['waiting']])).toEqual([
      ['handle · partition 0', 0],
      ['handle · partition 1', 1],
      ['deliver · partition 0', 0],
      ['deliver · partition 1', 0],
      ['dead · partition 0', 0],
      ['dead · partition 1', 0],
    ]);
    const address = `/queues/api/queues/${encodeURIComponent(shown[1]?.name as string)}/${job.id}`;
    expect((await watched.ask(address)).status).toBe(200);
  });

  test('nothing that could lose or alter a push is allowed, in any queue', async (t) => {
    const watched = await watch();
    t.onTestFinished(() => watched.close());
    const tag = firstTag(watched);
    const user = 'AbCdEfGhIjKlMnOp';
    for (const queue of ['handle', 'deliver', 'dead']) {
      const waiting = await watched.queues.get(tag, queue).add('push', { user });
      const delayed = await watched.queues.get(tag, queue).add('push', { user }, { delay: 3_600_000 });
      const base = `/queues/api/queues/${queue}`;
      for (const [method, path, body] of [
        ['POST', `${base}/add`, { name: 'x', data: {} }],
        ['PUT', `${base}/promote`],
        ['PUT', `${base}/clean/waiting`],
        ['PUT', `${base}/empty`],
        ['PUT', `${base}/obliterate`, { force: true }],
        ['PUT', `${base}/concurrency`, { concurrency: 1 }],
        ['PUT', `${base}/rate-limit`, { max: 1, duration: 1000 }],
        ['PUT', `${base}/${waiting.id}/clean`],
        ['PUT', `${base}/${delayed.id}/promote`],
        ['PATCH', `${base}/${waiting.id}/update-data`, { jobData: {} }],
        ['PATCH', `${base}/${delayed.id}/delay`, { runAt: 0 }],
        ['PATCH', `${base}/${waiting.id}/priority`, { priority: 1 }],
      ] as const) {
        const headers = { 'content-type': 'application/json' };
        const answer = await watched.ask(path, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
        expect([method, path, answer.status]).toEqual([method, path, 403]);
      }
      const counts = await watched.queues.get(tag, queue).getJobCounts('waiting', 'delayed');
      expect(counts).toEqual({ waiting: 1, delayed: 1 });
      expect(((await watched.queues.get(tag, queue).getJob(waiting.id as string)) as Job).data).toEqual({ user });
    }
  });

  test('Pause and Resume are allowed, and logged', async (t) => {
    const watched = await watch();
    t.onTestFinished(() => watched.close());
    const deliver = watched.queues.get(firstTag(watched), 'deliver');
    expect((await watched.ask('/queues/api/queues/deliver/pause', { method: 'PUT' })).status).toBe(200);
    expect(await deliver.isPaused()).toBe(true);
    expect((await watched.ask('/queues/api/queues/deliver/resume', { method: 'PUT' })).status).toBe(200);
    expect(await deliver.isPaused()).toBe(false);
    expect(watched.logged()).toMatch(/"queueName":"deliver".*monitor\.action/);
  });
});
