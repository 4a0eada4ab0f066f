import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { call, send, stableToken, startOn, stateOf, text } from './client.ts';
import { startFakeReceiver } from './fake-receiver.ts';

const path = '/cgi-bin/message/custom/send';
let receiver: Awaited<ReturnType<typeof startFakeReceiver>>;
let simulator: Simulator;
let token: string;

beforeEach(async () => {
  receiver = await startFakeReceiver(() => 'success');
  simulator = await startOn(receiver.url);
  token = await stableToken(simulator);
  await simulator.push({ text: 'hello' });
});
afterEach(async () => {
  await simulator.close();
  await receiver.close();
});

const order = (fault: object) => call(`${simulator.url}/simulator/fault`, fault);
const sendText = () => send(simulator, token, text(simulator.openid));
const received = async () => (await stateOf(simulator)).messages.length;

test('an ordered errcode hits the next call of its path, once, and the call has no effect', async () => {
  await order({ path, errcode: 48001 });
  expect([await sendText(), await sendText()]).toEqual([48001, 0]);
  expect(await received()).toBe(1);
});

test('an errcode may hit several calls, after letting some pass', async () => {
  await order({ path, errcode: 45009, times: 2, after: 1 });
  expect([await sendText(), await sendText(), await sendText(), await sendText()]).toEqual([0, 45009, 45009, 0]);
});

test('faults of one path queue up, and other paths are not touched', async () => {
  await order({ path: '/cgi-bin/message/custom/typing', errcode: 48001 });
  await order({ path, errcode: -1 });
  await order({ path, errcode: 45011, errmsg: 'slower' });
  expect([await sendText(), await sendText(), await sendText()]).toEqual([-1, 45011, 0]);
});

test('an errcode may be ordered for the sends to one follower', async () => {
  await order({ path, errcode: 45047, openid: simulator.openid, after: 1 });
  await order({ path, errcode: 45015, openid: 'oSomebodyElse' });
  expect([await sendText(), await sendText(), await sendText()]).toEqual([0, 45047, 0]);
  expect((await stateOf(simulator)).messages.map(({ errcode }) => errcode)).toEqual([0, 45047, 0]);
  const refused = await order({ path, status: 502, openid: simulator.openid });
  expect(refused.status).toBe(400);
});

test('a gateway’s status comes with its HTML', async () => {
  await order({ path, status: 502 });
  const answer = await call(`${simulator.url}${path}?access_token=${token}`, text(simulator.openid));
  expect(answer).toMatchObject({ status: 502, type: expect.stringContaining('text/html') });
  expect(answer.text).toContain('502 Bad Gateway');
  expect(await received()).toBe(0);
});

test('a call that is cut has been heard, but its answer breaks off', async () => {
  await order({ path, cut: true });
  await expect(sendText()).rejects.toThrow();
  expect(await received()).toBe(1);
});

test('a call can be cut before it takes effect', async () => {
  await order({ path, cut: true, effect: false });
  await expect(sendText()).rejects.toThrow();
  expect(await received()).toBe(0);
});

test('a call can take effect although a 502 is answered', async () => {
  await order({ path, status: 502, effect: true });
  const answer = await call(`${simulator.url}${path}?access_token=${token}`, text(simulator.openid));
  expect(answer.status).toBe(502);
  expect(await received()).toBe(1);
});

test('a call that hangs does not keep the simulator from closing', async () => {
  await order({ path, delayMs: 3_600_000 });
  const hanging = expect(sendText()).rejects.toThrow();
  await expect.poll(received).toBe(1);
  await simulator.close();
  await hanging;
});

test('a delayed call is answered in the end', async () => {
  await order({ path, delayMs: 20 });
  expect(await sendText()).toBe(0);
});

test('the ordered faults can be cleared', async () => {
  await order({ path, errcode: -1, times: 100 });
  await call(`${simulator.url}/simulator/fault`, undefined, { method: 'DELETE' });
  expect(await sendText()).toBe(0);
});

test('every call is counted with what it was answered', async () => {
  for (const fault of [{ errcode: -1 }, { status: 502 }, { cut: true }]) await order({ path, ...fault });
  for (let i = 0; i < 4; i++) await sendText().catch(() => undefined);
  expect((await stateOf(simulator)).calls[path]).toEqual({
    total: 4,
    answers: { '-1': 1, 'http 502': 1, cut: 1, '0': 1 },
  });
});

test.each([
  [{ errcode: 1 }, 'needs a "path"'],
  [{ path }, 'needs one of'],
  [{ path, errcode: '1' }, '"errcode" of a fault has to be a number'],
  [{ path, error: 1 }, 'no field "error"'],
])('a fault like %j is refused with a reason', async (fault, reason) => {
  expect(await order(fault)).toMatchObject({ status: 400, text: expect.stringContaining(reason) });
});
