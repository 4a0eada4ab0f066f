// What the gateways of an account learn of it from calls, and tell the other processes; and what a client may do to its token.
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { connectWorker } from '../../src/store/connection.ts';
import { accountTag } from '../../src/store/keys.ts';
import { createTokenCache, readTokenFacts } from '../../src/store/token-cache.ts';
import { type Server, startServer } from '../api/server.ts';
import { eventually } from '../helpers/eventually.ts';
import { APP_ID, createPlace, type RunningGateway } from './harness.ts';

const SEND = '/cgi-bin/message/custom/send';
const REFUSAL = { errcode: 40164, errmsg: 'invalid ip 203.0.113.7, not in whitelist' };
const OK = { errcode: 0, errmsg: 'ok' };

let answer: (token: string | null) => object = () => OK;
let stable = 1;
let wechat: Server;
let place: ReturnType<typeof createPlace>;
let gateway: RunningGateway;
let other: RunningGateway;
let redis: Redis;
let tag: string;
beforeAll(async () => {
  // The stable API: the same token until it is forced.
  wechat = await startServer(({ path, body, query }) => {
    if (path !== '/cgi-bin/stable_token') return answer(query.get('access_token'));
    if (JSON.parse(body).force_refresh) stable++;
    return { access_token: `STABLE-${stable}`, expires_in: 7200 };
  });
  place = createPlace([{ name: 'all', token: true, allow: ['/*'] }], wechat.url);
  [gateway, other] = await Promise.all([place.start(), place.start()]);
  redis = connectWorker(inject('redisUrl'), () => undefined);
  tag = accountTag(place.env['WXRELAY_PREFIX'] ?? '', APP_ID);
});
afterAll(async () => {
  redis.disconnect();
  await place.close();
  await wechat.close();
});

const call = async (through: RunningGateway) =>
  (await (await through.ask(SEND, { method: 'POST', body: '{}' })).json()) as { errcode: number };
const complain = async (about: string, to: RunningGateway) => {
  const said = await to.ask(`/token?failed=${about}`);
  return ((await said.json()) as { access_token: string }).access_token;
};
const unusable = async () => (await readTokenFacts(redis, tag, Date.now())).unusable;
const force = () => wechat.calls.filter(({ body }) => body.includes('"force_refresh":true'));

test('a refusal of the account through the proxy is known to all, and over when a call is answered', async () => {
  answer = () => REFUSAL;
  expect(await call(gateway)).toEqual(REFUSAL);
  const said = expect.objectContaining({ api: SEND, errcode: 40164 });
  await eventually(() => expect(gateway.events('account.unusable')).toEqual([said]));
  expect(await unusable()).toMatchObject({ errcode: 40164 });
  expect(await call(gateway)).toMatchObject({ errcode: 990503 });
  answer = () => OK;
  await createTokenCache(redis, tag).retryAt(0);
  await eventually(async () => expect(await call(gateway)).toEqual(OK));
  expect(await unusable()).toBeUndefined();
});

test('what another process has found out about the account, a call through the proxy ends', async () => {
  const state = { api: SEND, ...REFUSAL, since: 1, advice: { en: 'do', zh: '做' }, retryAt: 0 };
  await createTokenCache(redis, tag).beginUnusable(state);
  // So far this gateway goes by what it knows; one that starts now has to find it out.
  const late = await place.start();
  await eventually(async () => expect(await call(late)).toEqual(OK));
  await eventually(async () => expect(await unusable()).toBeUndefined());
});

test('a complaint about a good token gives the client the same again, and everybody keeps theirs', async () => {
  const token = await complain('', gateway);
  for (const to of [gateway, other, gateway]) expect(await complain(token, to)).toBe(token);
  expect(force()).toHaveLength(0);
  expect(await call(other)).toEqual(OK);
  expect((await readTokenFacts(redis, tag, Date.now())).diedEarly).toEqual([]);
});

test('a token that WeChat gives out again and refuses once more is forced, and the call through the proxy recovers', async () => {
  const token = await complain('', gateway);
  answer = (used) => (used === token ? { errcode: 40001, errmsg: 'invalid credential' } : OK);
  expect(await call(gateway)).toEqual(OK);
  expect(force()).toHaveLength(1);
  expect(await call(other)).toEqual(OK);
  expect(await complain(token, other)).not.toBe(token);
  expect(force()).toHaveLength(1);
});
