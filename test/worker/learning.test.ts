import { randomBytes } from 'node:crypto';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { ApiError, NetworkError } from '../../src/api/errors.ts';
import { silentLog } from '../../src/log.ts';
import { openCapability } from '../../src/store/capability.ts';
import { connectWorker } from '../../src/store/connection.ts';
import { learnFrom } from '../../src/worker/ask.ts';

const redis = connectWorker(inject('redisUrl'), () => undefined);
afterAll(() => redis.disconnect());

const TYPING = '/cgi-bin/message/custom/typing';
const SEND = '/cgi-bin/message/custom/send';
const UPLOAD = '/cgi-bin/media/upload';

describe('what WECHAT_CUSTOMER_SERVICE=auto learns from an errcode', () => {
  test.each([
    [40003, 'nobody of this openid', TYPING, 'on'],
    [40003, 'nobody of this openid', SEND, 'on'],
    [45015, 'nobody wrote lately', SEND, 'on'],
    [45047, 'too many messages', SEND, 'on'],
    [45080, 'nobody wrote just now', TYPING, 'on'],
    [45081, 'typing is shown already', TYPING, 'on'],
    [48001, 'no such permission', TYPING, 'passive'],
    [48001, 'no such permission', SEND, 'passive'],
    [40164, 'an IP that is not listed', '/cgi-bin/stable_token', 'unusable'],
    [-1, 'WeChat is busy', TYPING, 'unknown'],
    [40001, 'a token that is gone', TYPING, 'unknown'],
    [40003, 'of another API', UPLOAD, 'unknown'],
    [40007, 'a file that is gone', SEND, 'unknown'],
  ] as const)('%i (%s) from %s: %s', async (errcode, errmsg, api, learned) => {
    const tag = `{test-${randomBytes(6).toString('hex')}}`;
    const capability = openCapability(redis, tag, 'auto');
    await learnFrom(new ApiError(api, errcode, errmsg), capability, silentLog());
    expect(await capability.recall()).toBe(learned);
    await redis.del(`${tag}:capability`);
  });

  test('no answer: nothing', async () => {
    const capability = openCapability(redis, `{test-${randomBytes(6).toString('hex')}}`, 'auto');
    await learnFrom(new NetworkError(SEND, true, 'cut'), capability, silentLog());
    expect(await capability.recall()).toBe('unknown');
  });
});
