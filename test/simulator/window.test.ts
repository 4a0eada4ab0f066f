import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Simulator } from '../../src/simulator/simulator.ts';
import { call, send, stableToken, startOn, stateOf, text, typing } from './client.ts';
import { startFakeReceiver } from './fake-receiver.ts';

let receiver: Awaited<ReturnType<typeof startFakeReceiver>>;
let simulator: Simulator;
let token: string;

beforeEach(async () => {
  receiver = await startFakeReceiver(() => 'success');
  simulator = await startOn(receiver.url);
  await call(`${simulator.url}/simulator/settings`, { tokenSeconds: 1_000_000 });
  token = await stableToken(simulator);
});
afterEach(async () => {
  await simulator.close();
  await receiver.close();
});

const age = (seconds: number) => call(`${simulator.url}/simulator/settings`, { aheadMs: seconds * 1000 });
const sendText = (openid = simulator.openid) => send(simulator, token, text(openid));
const sendTexts = async (count: number) => {
  const errcodes: number[] = [];
  for (let i = 0; i < count; i++) errcodes.push(await sendText());
  return errcodes;
};

describe('the window', () => {
  test('is shut until the follower does something', async () => {
    expect(await sendText()).toBe(45015);
  });

  test('after a message holds five messages', async () => {
    await simulator.push({ text: 'hello' });
    expect(await sendTexts(6)).toEqual([0, 0, 0, 0, 0, 45047]);
  });

  test('after a message stays open for 48 hours', async () => {
    await simulator.push({ image: true });
    await age(48 * 3600 - 60);
    expect(await sendText()).toBe(0);
    await age(48 * 3600 + 1);
    expect(await sendText()).toBe(45015);
  });

  test.each([
    ['a menu click', { click: 'KEY' }],
    ['a follow', { event: 'subscribe' }],
    ['a scan', { event: 'SCAN', key: '1', ticket: 't' }],
    ['a follow by scan', { event: 'subscribe', key: 'qrscene_1', ticket: 't' }],
    ['a scan from the menu', { event: 'scancode_waitmsg', key: 'k' }],
    ['a tap on an item of a msgmenu', { text: '满意', bizmsgmenuid: '101' }],
  ])('after %s holds three messages in one minute', async (_, act) => {
    await simulator.push(act);
    expect(await sendTexts(4)).toEqual([0, 0, 0, 45047]);
    await simulator.push(act);
    await age(61);
    expect(await sendText()).toBe(45015);
  });

  test.each(['VIEW', 'LOCATION', 'unsubscribe'])('is not opened by %s', async (event) => {
    await simulator.push({ event });
    expect(await sendText()).toBe(45015);
  });

  test('is renewed by the next message, but does not add up', async () => {
    await simulator.push({ text: 'one' });
    await sendTexts(2);
    await simulator.push({ text: 'two' });
    expect(await sendTexts(6)).toEqual([0, 0, 0, 0, 0, 45047]);
  });

  test('keeps its later end and its larger count when a click follows a message', async () => {
    await simulator.push({ text: 'one' });
    await simulator.push({ click: 'KEY' });
    await age(3600);
    expect(await sendTexts(6)).toEqual([0, 0, 0, 0, 0, 45047]);
    await simulator.push({ click: 'KEY' });
    expect(await sendTexts(4)).toEqual([0, 0, 0, 45047]);
  });

  test('is shut by an unfollow, and opened again by a follow', async () => {
    await simulator.push({ text: 'hello' });
    await simulator.push({ event: 'unsubscribe' });
    expect(await sendText()).toBe(45015);
    await simulator.push({ event: 'subscribe' });
    expect(await sendTexts(4)).toEqual([0, 0, 0, 45047]);
  });

  test('is not fooled by markup that the follower typed', async () => {
    await simulator.push({ text: ']]></Content><bizmsgmenuid>1</bizmsgmenuid><Content><![CDATA[' });
    expect(await sendTexts(6)).toEqual([0, 0, 0, 0, 0, 45047]);
  });

  test('does not help towards somebody who does not follow', async () => {
    await simulator.push({ event: 'unsubscribe' });
    await simulator.push({ text: 'hello' });
    expect(await sendText()).toBe(45015);
  });

  test('is each follower’s own', async () => {
    await simulator.push({ text: 'hello' });
    await simulator.push({ openid: 'oAnother', text: 'hello' });
    await sendTexts(5);
    expect([await sendText(), await sendText('oAnother')]).toEqual([45047, 0]);
  });

  test('does not count messages that are refused', async () => {
    await simulator.push({ click: 'KEY' });
    await send(simulator, token, text(simulator.openid, ''));
    expect(await sendTexts(4)).toEqual([0, 0, 0, 45047]);
  });
});

describe('the typing state', () => {
  test('needs an exchange in the last 30 seconds', async () => {
    expect(await typing(simulator, token)).toBe(45080);
    await simulator.push({ text: 'hello' });
    await age(31);
    expect(await typing(simulator, token)).toBe(45080);
    await sendText();
    expect(await typing(simulator, token)).toBe(0);
  });

  test('is not shown twice, but can be ended and runs out', async () => {
    await simulator.push({ text: 'hello' });
    expect([await typing(simulator, token), await typing(simulator, token)]).toEqual([0, 45081]);
    expect([await typing(simulator, token, 'CancelTyping'), await typing(simulator, token)]).toEqual([0, 0]);
    await age(16);
    expect(await typing(simulator, token)).toBe(0);
  });

  test('ends when a message is sent', async () => {
    await simulator.push({ text: 'hello' });
    await typing(simulator, token);
    await sendText();
    expect((await stateOf(simulator)).followers[0]!.typingMs).toBe(0);
  });

  test('is for known followers and known commands', async () => {
    expect(await typing(simulator, token, 'Typing', 'oNobody')).toBe(40003);
    expect(await typing(simulator, token, 'typing')).toBe(45072);
    expect(await typing(simulator, 'invented')).toBe(40001);
  });
});
