import { randomBytes } from 'node:crypto';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { createMemoryCache } from '../../src/api/memory-cache.ts';
import type { TokenCache } from '../../src/api/token-cache.ts';
import { connectWorker } from '../../src/store/connection.ts';
import { createTokenCache } from '../../src/store/token-cache.ts';

let redis: Redis;
beforeAll(() => {
  redis = connectWorker(inject('redisUrl'), () => undefined);
});
afterAll(() => redis.disconnect());

const makers: [string, () => TokenCache][] = [
  ['in memory', createMemoryCache],
  ['in Redis', () => createTokenCache(redis, `{test-${randomBytes(6).toString('hex')}:wx}`)],
];

describe.each(makers)('a token cache %s', (_, create) => {
  const token = { token: 'NEW', expiresAt: 2000, refreshAt: 1000 };
  const unusable = { api: '/x', errcode: 40164, errmsg: 'no', since: 1, advice: { en: 'do', zh: '做' }, retryAt: 10 };
  let cache: TokenCache;
  beforeEach(() => {
    cache = create();
  });

  test('begins with nothing', async () => {
    const nothing = { token: undefined, refused: undefined, unusable: undefined, failures: 0 };
    expect(await cache.read()).toMatchObject(nothing);
    expect(await cache.expire('NEW', 'refused')).toBeUndefined();
    expect(await cache.endUnusable()).toBe(false);
  });

  test('keeps a token as it is, and nothing of the one before', async () => {
    await cache.write({ ...token, token: 'OLD', standsUntil: 5 });
    expect((await cache.read()).token).toEqual({ ...token, token: 'OLD', standsUntil: 5 });
    await cache.write(token);
    expect((await cache.read()).token).toEqual(token);
  });

  test('ends only the token that is named, once, and remembers which was refused until there is another', async () => {
    await cache.write({ ...token, standsUntil: 5 });
    expect(await cache.expire('OLD', 'refused')).toBeUndefined();
    expect(await cache.read()).toMatchObject({ token: { token: 'NEW', expiresAt: 2000 }, refused: undefined });
    expect(await cache.expire('NEW', 'unwanted', 5)).toEqual({ refreshAt: 1000 });
    expect(await cache.read()).toMatchObject({ token: { expiresAt: 0, standsUntil: 5 }, refused: undefined });
    expect(await cache.expire('NEW', 'refused', 5)).toBeUndefined();
    expect(await cache.read()).toMatchObject({ token: { token: 'NEW', expiresAt: 0 }, refused: 'NEW' });
    await cache.write({ ...token, token: 'NEWER' });
    expect((await cache.read()).refused).toBeUndefined();
  });

  test('does not end a token that was given out again meanwhile', async () => {
    await cache.write({ ...token, standsUntil: 5 });
    for (const seen of [undefined, 4]) expect(await cache.expire('NEW', 'refused', seen)).toBeUndefined();
    expect(await cache.read()).toMatchObject({ token: { expiresAt: 2000 }, refused: undefined });
  });

  test('has one lock, for one at a time', async () => {
    const unlock = await cache.lock();
    expect(await cache.lock()).toBeUndefined();
    await unlock?.();
    expect(await cache.lock()).toBeDefined();
  });

  test('counts forced fetches: 30 s apart, 20 a day', async () => {
    // Noon in China.
    const noon = Date.UTC(2026, 0, 5, 4);
    expect(await cache.countForce(noon)).toBe(true);
    expect(await cache.countForce(noon + 29_999)).toBe(false);
    for (let n = 1; n < 20; n++) expect(await cache.countForce(noon + n * 30_000)).toBe(true);
    expect(await cache.countForce(noon + 20 * 30_000)).toBe(false);
  });

  test('counts failures until a fetch works, and lists the last ten deaths, oldest first', async () => {
    await cache.failed({ at: 1, message: 'one' }, 500);
    await cache.failed({ at: 2, message: 'two', errcode: 40164 }, 1000);
    expect(await cache.read()).toMatchObject({ failures: 2, askAt: 1000 });
    await cache.fetched(3);
    expect(await cache.read()).toMatchObject({ failures: 0, askAt: 0 });
    let listed: number[] = [];
    for (let at = 1; at <= 12; at++) listed = await cache.died(at);
    expect(listed).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  test('keeps since when the account is unusable, and when somebody may ask again', async () => {
    expect(await cache.beginUnusable(unusable)).toBe(true);
    expect(await cache.beginUnusable({ ...unusable, since: 20, retryAt: 30 })).toBe(false);
    expect((await cache.read()).unusable).toEqual({ ...unusable, retryAt: 30 });
    await cache.retryAt(40);
    expect((await cache.read()).unusable).toEqual({ ...unusable, retryAt: 40 });
    expect(await cache.beginUnusable({ ...unusable, errcode: 40125, since: 50, retryAt: 60 })).toBe(true);
    expect((await cache.read()).unusable).toEqual({ ...unusable, errcode: 40125, since: 50, retryAt: 60 });
    expect(await cache.endUnusable()).toBe(true);
    expect(await cache.endUnusable()).toBe(false);
    expect((await cache.read()).unusable).toBeUndefined();
  });
});
