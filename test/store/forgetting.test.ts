// What is erased from Redis is erased from its append-only file too, by whatever rewrite begins after that.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, type TestContext, test } from 'vitest';
import { connectWorker } from '../../src/store/connection.ts';
import { forgetDue, forgetUser, noteForgetting } from '../../src/store/forgetting.ts';
import { openInstallation } from '../../src/store/installation.ts';
import { dropOldMalformed, keepMalformed, readMalformed } from '../../src/store/malformed.ts';
import { openQueues } from '../../src/store/queues.ts';
import { rewriteLogNowAndThen } from '../../src/store/rewrite-log.ts';
import { eventually } from '../helpers/eventually.ts';
import { createRedisServer } from '../helpers/redis-server.ts';

const ACCOUNT = 'wx0123456789abcdef';
const PREFIX = 'forgets';
const DAY = 86_400_000;
const openidOf = (n: number) => `oFile${String(n).padStart(23, '0')}`;

async function createStore(t: TestContext) {
  const server = await createRedisServer();
  t.onTestFinished(() => server.close());
  const redis = connectWorker(server.url, () => undefined);
  const queues = openQueues(redis);
  t.onTestFinished(async () => {
    await queues.close();
    redis.disconnect();
  });
  const names = await openInstallation(redis, PREFIX, 1);
  const tag = names.tags()[0] as string;
  return {
    store: { redis, queues, names, prefix: PREFIX },
    redis,
    tag,
    /** Something that holds the openid. */
    write: (openid: string) => redis.set(`${tag}:claim:${names.userId(ACCOUNT, openid)}-1`, `r${openid}`),
    due: (openid: string) => noteForgetting(redis, names, { account: ACCOUNT, openid, due: 1, since: 1 }),
    /** Whether the append-only file holds it. */
    isOnDisk: (openid: string) =>
      (
        readdirSync(server.dir, { recursive: true, withFileTypes: true }) as {
          isFile(): boolean;
          name: string;
          parentPath: string;
        }[]
      )
        .filter((entry) => entry.isFile())
        .some(({ parentPath, name }) => readFileSync(join(parentPath, name)).includes(openid)),
  };
}

describe.skipIf(!inject('realRedis')).concurrent('the append-only file', { timeout: 60_000 }, () => {
  test('is rewritten for a second batch too, when the hour after the first is over', async (t) => {
    const { store, redis, tag, write, due, isOnDisk } = await createStore(t);
    const forgetNow = (openid: string) =>
      eventually(async () => {
        await due(openid);
        t.expect(await forgetDue(store, tag, Date.now())).toBe(1);
      });
    for (const n of [1, 2]) await write(openidOf(n));
    await forgetNow(openidOf(1));
    await rewriteLogNowAndThen(redis, PREFIX);
    await eventually(() => t.expect(isOnDisk(openidOf(1))).toBe(false));
    await forgetNow(openidOf(2));
    await rewriteLogNowAndThen(redis, PREFIX);
    t.expect(isOnDisk(openidOf(2))).toBe(true);
    await redis.pexpire(`{${PREFIX}:meta}:rewritten`, 1);
    await eventually(async () => {
      await rewriteLogNowAndThen(redis, PREFIX);
      t.expect(isOnDisk(openidOf(2))).toBe(false);
    });
  });

  test('that is being rewritten while a user is erased is rewritten once more', async (t) => {
    const { store, redis, write, isOnDisk } = await createStore(t);
    await write(openidOf(3));
    for (let n = 0; n < 20; n++) await redis.set(`filler${n}`, n);
    // For each key, in microseconds: the rewrite goes on for two seconds.
    await redis.config('SET', 'rdb-key-save-delay', '100000');
    await redis.bgrewriteaof();
    t.expect(await redis.info('persistence')).toContain('aof_rewrite_in_progress:1');
    await redis.config('SET', 'rdb-key-save-delay', '0');
    await forgetUser(store, ACCOUNT, openidOf(3));
    await eventually(async () => {
      t.expect(await redis.info('persistence')).toContain('aof_rewrite_in_progress:0');
      t.expect(isOnDisk(openidOf(3))).toBe(false);
    });
  });
});

test('malformed bodies stay for so many days each, whatever comes after them', async (t) => {
  const redis = connectWorker(inject('redisUrl'), () => undefined);
  const prefix = `test-malformed-${process.pid}`;
  t.onTestFinished(async () => {
    await redis.del(`{${prefix}:meta}:malformed`);
    redis.disconnect();
  });
  const now = Date.now();
  const bodies = async () => (await readMalformed(redis, prefix)).map(({ body }) => body);
  const keep = (age: number, body: string) => keepMalformed(redis, prefix, 7, { at: now - age * DAY, why: 'x', body });
  keep(6.9, 'nearly old');
  keep(6, 'young');
  await eventually(async () => expect(await bodies()).toEqual(['nearly old', 'young']));
  await dropOldMalformed(redis, prefix, 7, now + 0.5 * DAY);
  expect(await bodies()).toEqual(['young']);
  keep(-2, 'new');
  await eventually(async () => expect(await bodies()).toEqual(['new']));
});
