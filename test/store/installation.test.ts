import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeEach, expect, inject, test } from 'vitest';
import { ConfigError } from '../../src/errors.ts';
import { openInstallation } from '../../src/store/installation.ts';
import { metaKey } from '../../src/store/keys.ts';

const redis = new Redis(inject('redisUrl'));
let prefix: string;
beforeEach(() => {
  prefix = `test-${randomBytes(6).toString('hex')}`;
});
afterAll(() => redis.disconnect());

const open = (account?: string) => openInstallation(redis, prefix, 1, account);

test('another account on the same prefix is refused, with both and what to do', async () => {
  await open('wxfirst');
  await open('wxfirst');
  await expect(open('wxsecond')).rejects.toThrow(ConfigError);
  await expect(open('wxsecond')).rejects.toThrow(
    /WECHAT_APP_ID is wxsecond.*WXRELAY_PREFIX test-\w+ is of wxfirst.*Set WXRELAY_PREFIX to another name/,
  );
});

test('an installation of an earlier release, which has no record, goes on and has one', async () => {
  await redis.hset(metaKey(prefix), { salt: 'old', partitions: '1' });
  await open('wxfirst');
  expect(await redis.hget(metaKey(prefix), 'account')).toBe('wxfirst');
});

test.each([['default'], ['wxsimulator'], [undefined]])(
  'a process whose account is %s is refused by none, and settles nothing',
  async (account) => {
    await open(account);
    expect(await redis.hget(metaKey(prefix), 'account')).toBeNull();
    await open('wxfirst');
    await open(account);
  },
);
