import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { createWorld, type World } from '../helpers/world.ts';

const openidOf = (n: number) => `oUser${String(n).padStart(23, '0')}`;

describe('a receiver and two workers as processes of their own', () => {
  let world: World;
  beforeAll(async () => {
    // Twenty answers are more than WeChat lets us send after the last of twenty messages; here it is their order that counts.
    world = await createWorld({ simulator: { counted: false } });
    await Promise.all([world.start('receiver'), world.start('worker'), world.start('worker')]);
  });
  afterAll(() => world.close());

  const textsTo = (openid: string) =>
    world
      .sent()
      .filter((sent) => sent.openid === openid)
      .map(({ text }) => text);

  test('a hundred slow pushes of a hundred users are all delivered, once', async () => {
    const users = Array.from({ length: 100 }, (_, n) => openidOf(n));
    const answers = await Promise.all(users.map((openid, n) => world.push({ openid, text: `slow 100 a${n}` })));
    expect(answers.map(({ answer }) => answer?.kind)).toEqual(users.map(() => 'success'));
    await eventually(() => {
      expect(users.filter((openid) => textsTo(openid).length > 0)).toHaveLength(100);
    });
    expect(users.map(textsTo)).toEqual(users.map((_, n) => [`done a${n}`]));
  });

  test('twenty pushes of one user are handled and delivered in the order in which they came', async () => {
    const openid = openidOf(1000);
    for (let n = 0; n < 20; n++) await world.push({ openid, text: `slow ${n % 3 === 0 ? 120 : 5} b${n}` });
    const inOrder = Array.from({ length: 20 }, (_, n) => `done b${n}`);
    await eventually(() => expect(textsTo(openid)).toHaveLength(20));
    expect(textsTo(openid)).toEqual(inOrder);
    const steps = world
      .runs()
      .filter((line) => / b\d+ /.test(line))
      .map((line) => line.split(' ').slice(0, 2).join(' '));
    expect(steps).toEqual(inOrder.flatMap((_, n) => [`start b${n}`, `end b${n}`]));
  });

  test('three copies of one push at once are handled once', async () => {
    const openid = openidOf(1001);
    const { xml } = await world.push({ openid, text: 'hi' });
    const copy = xml.replace('hi', 'slow 50 copies').replace(/<MsgId>\d+/, '<MsgId>24900000000000777');
    const answers = await Promise.all([1, 2, 3].map(() => world.push({ xml: copy })));
    expect(answers.map(({ answer }) => answer?.kind)).toEqual(['success', 'success', 'success']);
    await eventually(() => expect(textsTo(openid)).toEqual(['done copies']));
    expect(world.runs('start').filter((line) => line.includes(' copies '))).toHaveLength(1);
  });

  test('the same MsgId from two users is handled for both', async () => {
    const [a, b] = [openidOf(1002), openidOf(1003)];
    for (const openid of [a, b]) {
      const { xml } = await world.push({ openid, text: 'hi' });
      await world.push({ xml: xml.replace('hi', 'slow 5 same').replace(/<MsgId>\d+/, '<MsgId>24900000000000888') });
    }
    await eventually(() => {
      expect(textsTo(a)).toEqual(['done same']);
      expect(textsTo(b)).toEqual(['done same']);
    });
  });

  test('a customer-service message does not overtake the passive reply of the same push', async () => {
    const openid = openidOf(1004);
    const { answer, at, ms } = await world.push({ openid, text: 'both x' });
    expect(answer).toMatchObject({ kind: 'reply', reply: { content: 'reply x' } });
    await eventually(() => expect(textsTo(openid)).toEqual(['answer x']));
    const sent = world.simulator.state().messages.find((message) => message.openid === openid);
    expect(sent?.at).toBeGreaterThanOrEqual(at + Math.floor(ms ?? 0) - 5);
  });

  test('a run that fails is tried again, and its user’s next push waits for it', async () => {
    const openid = openidOf(1005);
    await world.push({ openid, text: 'fail 1 c0' });
    await world.push({ openid, text: 'slow 5 c1' });
    await eventually(() => expect(textsTo(openid)).toEqual(['done c0', 'done c1']));
  });

  test('handlers with a queue of their own are run and delivered too', async () => {
    const openid = openidOf(1006);
    await world.push({ openid, text: 'own x' });
    await eventually(() => expect(textsTo(openid)).toEqual(['own x']));
  });

  test('what was written in a log line names no secret, no openid and no word of a user', () => {
    const lines = world.allLines().join('\n');
    expect(lines).toContain('run.done');
    for (const secret of [
      'TestToken0123456789',
      'test-app-secret',
      'oUser',
      'slow 100',
      'done a1',
      'copies',
      'access_token=',
    ])
      expect(lines).not.toContain(secret);
  });
});
