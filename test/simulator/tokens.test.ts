import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { call, legacyToken, send, stableToken, startOn, stateOf, text, tokenQuery } from './client.ts';
import { startFakeReceiver } from './fake-receiver.ts';
import { account } from './fixtures.ts';

let receiver: Awaited<ReturnType<typeof startFakeReceiver>>;
let simulator: Simulator;

beforeEach(async () => {
  receiver = await startFakeReceiver(() => 'success');
  simulator = await startOn(receiver.url);
  await simulator.push({ text: 'hello' });
});
afterEach(async () => {
  await simulator.close();
  await receiver.close();
});

const settings = (changes: object) => call(`${simulator.url}/simulator/settings`, changes);
const age = (seconds: number) => settings({ aheadMs: seconds * 1000 });
const errcodeWith = (token: string) => send(simulator, token, text(simulator.openid));

describe('the legacy endpoint', () => {
  test('answers as WeChat does, and without an errcode', async () => {
    const { status, type, json } = await call(simulator.url + tokenQuery());
    expect({ status, type, json }).toEqual({
      status: 200,
      type: 'application/json; encoding=utf-8',
      json: { access_token: expect.stringMatching(/^[\w-]{100,512}$/), expires_in: 7200 },
    });
  });

  test('gives a new token each time; the one before works for five more minutes', async () => {
    const first = await legacyToken(simulator);
    const second = await legacyToken(simulator);
    expect(second).not.toBe(first);
    await age(270);
    expect([await errcodeWith(first), await errcodeWith(second)]).toEqual([0, 0]);
    await age(301);
    expect([await errcodeWith(first), await errcodeWith(second)]).toEqual([40001, 0]);
  });

  test('leaves no more than the two newest tokens alive', async () => {
    const first = await legacyToken(simulator);
    await legacyToken(simulator);
    await legacyToken(simulator);
    expect(await errcodeWith(first)).toBe(40001);
  });

  test('can be told to let a fetch kill the token before at once', async () => {
    await settings({ tokenOverlap: false });
    const first = await legacyToken(simulator);
    const second = await legacyToken(simulator);
    expect([await errcodeWith(first), await errcodeWith(second)]).toEqual([40001, 0]);
  });
});

describe('the stable endpoint', () => {
  test('gives the same token while it is valid, and another one five minutes before its end', async () => {
    const first = await stableToken(simulator);
    expect(await stableToken(simulator)).toBe(first);
    await age(7200 - 330);
    expect(await stableToken(simulator)).toBe(first);
    await age(7200 - 270);
    const second = await stableToken(simulator);
    expect(second).not.toBe(first);
    expect([await errcodeWith(first), await errcodeWith(second)]).toEqual([0, 0]);
  });

  test('kills the old token at once when forced, but not again within 30 s', async () => {
    const first = await stableToken(simulator);
    const second = await stableToken(simulator, true);
    expect([await errcodeWith(first), await errcodeWith(second)]).toEqual([40001, 0]);
    expect(await stableToken(simulator, true)).toBe(second);
    await age(31);
    expect(await stableToken(simulator, true)).not.toBe(second);
  });

  test('forces 20 times a day', async () => {
    const body = {
      grant_type: 'client_credential',
      appid: account.appId,
      secret: 'secret0123456789',
      force_refresh: true,
    };
    const errcodes: unknown[] = [];
    for (let i = 0; i < 21; i++) {
      await age(i * 31);
      errcodes.push((await call(`${simulator.url}/cgi-bin/stable_token`, body)).json.errcode);
    }
    expect(errcodes).toEqual([...Array(20).fill(undefined), 45009]);
  });

  test('has tokens of its own, which a legacy fetch does not touch', async () => {
    const stable = await stableToken(simulator);
    await legacyToken(simulator);
    await legacyToken(simulator);
    expect(await errcodeWith(stable)).toBe(0);
  });
});

describe('a token', () => {
  test('outlives a thousand fetches of the other endpoint', async () => {
    const token = await stableToken(simulator);
    for (let i = 0; i < 1010; i++) await legacyToken(simulator);
    expect(await errcodeWith(token)).toBe(0);
  });

  test('expires', async () => {
    await settings({ tokenSeconds: 60 });
    const token = await legacyToken(simulator);
    await age(61);
    expect(await errcodeWith(token)).toBe(42001);
  });

  test('that was revoked is not the latest, and a fetch helps', async () => {
    const tokens = [await legacyToken(simulator), await stableToken(simulator)];
    await call(`${simulator.url}/simulator/token/revoke`, '');
    expect(await Promise.all(tokens.map(errcodeWith))).toEqual([40001, 40001]);
    expect(await errcodeWith(await stableToken(simulator))).toBe(0);
  });

  test('that nobody gave out, or none at all, is refused', async () => {
    expect([await errcodeWith('invented'), await errcodeWith('')]).toEqual([40001, 41001]);
  });
});

test.each([
  [{ grant_type: 'authorization_code' }, 40002],
  [{ appid: '' }, 41002],
  [{ secret: '' }, 41004],
  [{ appid: 'wxother' }, 40013],
  [{ secret: 'wrong' }, 40125],
])('credentials %j are answered %i by both endpoints', async (changes, errcode) => {
  const legacy = await call(simulator.url + tokenQuery(changes));
  expect(legacy.json).toEqual({ errcode, errmsg: expect.stringMatching(/ rid: [\da-f]{8}-[\da-f]{8}-[\da-f]{8}$/) });
  const right = { grant_type: 'client_credential', appid: account.appId, secret: 'secret0123456789' };
  const stable = await call(`${simulator.url}/cgi-bin/stable_token`, { ...right, ...changes });
  expect(stable.json.errcode).toBe(errcode);
});

test('each endpoint wants its method, and the stable one JSON', async () => {
  const stable = `${simulator.url}/cgi-bin/stable_token`;
  const answers = [
    call(simulator.url + tokenQuery(), ''),
    call(stable),
    call(stable, ''),
    call(stable, 'grant_type=x'),
  ];
  const errcodes = (await Promise.all(answers)).map(({ json }) => json.errcode);
  expect(errcodes).toEqual([43001, 43002, 44002, 47001]);
});

test('the fetches are counted per endpoint', async () => {
  await legacyToken(simulator);
  await stableToken(simulator);
  await stableToken(simulator);
  expect((await stateOf(simulator)).counters).toMatchObject({ token: 1, stableToken: 2 });
});
