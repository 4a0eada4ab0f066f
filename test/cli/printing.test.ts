// What a tool prints of what others have written, also of what an older release has kept.
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { afterAll, expect, inject, test } from 'vitest';
import { connectWorker } from '../../src/store/connection.ts';
import { openInstallation } from '../../src/store/installation.ts';
import { keepMalformed } from '../../src/store/malformed.ts';
import { DEAD, openQueues } from '../../src/store/queues.ts';
import { runHere } from '../helpers/run-here.ts';

const APP_ID = 'wx0123456789abcdef';
const OPENID = 'oEscapes'.padEnd(28, '0');
const STEERING = '\x1b[2J\x1b]0;title\x07\x9b31m\r\u202e';
const FORGED = `${STEERING}\nforged line`;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]/;

const redis = connectWorker(inject('redisUrl'), () => undefined);
const queues = openQueues(redis);
const prefix = `test-${randomBytes(6).toString('hex')}`;
const env = { REDIS_URL: inject('redisUrl'), WXRELAY_PREFIX: prefix, WECHAT_APP_ID: APP_ID };
afterAll(async () => {
  await queues.close();
  const keys = await redis.keys(`{${prefix}:*`);
  if (keys.length > 0) await redis.del(...keys);
  redis.disconnect();
});

test.each([
  ['trace', ['trace', OPENID], 1],
  ['trace --json', ['trace', OPENID, '--json'], 0],
  ['trace --malformed', ['trace', '--malformed'], 0],
  ['queue list', ['queue', 'list'], 0],
  ['queue list --json', ['queue', 'list', '--json'], 0],
])('%s prints control characters as escapes, and no line that was forged', async (_, args, headings) => {
  const names = await openInstallation(redis, prefix, 1, APP_ID);
  const user = names.userId(APP_ID, OPENID);
  const key = `${user}-1.1`;
  const [tag] = names.tags() as [string];
  await redis.del(`${tag}:trace:${user}`);
  await redis.rpush(`${tag}:trace:${user}`, `1767225600000 ${key} given up: ${FORGED}`);
  await queues.get(tag, DEAD).obliterate({ force: true });
  const letters = queues.get(tag, DEAD);
  await letters.add('push', { key, handler: 'h', queue: 'handle', reason: FORGED });
  // In `dead` a letter is a failed job.
  const [job] = await letters.getWaiting();
  await redis.lrem(letters.toKey('wait'), 1, job?.id as string);
  await redis.zadd(letters.toKey('failed'), 1, job?.id as string);
  await redis.del(`{${prefix}:meta}:malformed`);
  await keepMalformed(redis, prefix, 7, { at: 1_767_225_600_000, why: 'no XML', body: FORGED });
  const { output } = await runHere(args, env, tmpdir());
  expect(output).toContain('u001b[2J');
  expect(output).not.toMatch(CONTROL);
  expect(output.trimEnd().split('\n')).toHaveLength(1 + headings);
});
