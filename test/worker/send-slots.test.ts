import { expect, test } from 'vitest';
import { createSendSlots } from '../../src/worker/send-slots.ts';

const back = { kind: 'back', pause: 0, counts: 'tries', facts: '' } as const;
const done = { kind: 'done', facts: '', result: {} } as const;

test('slots are to be had until as many are taken as there may be', () => {
  const slots = createSendSlots(2);
  expect([slots.take(), slots.take(), slots.take()]).toEqual([true, true, false]);
  slots.release();
  expect([slots.take(), slots.take()]).toEqual([true, false]);
});

test('after a send that failed none is to be had until one succeeds', () => {
  const slots = createSendSlots(2);
  slots.learn(back);
  expect(slots.take()).toBe(false);
  slots.learn({ kind: 'lost' });
  expect(slots.take()).toBe(false);
  slots.learn(done);
  expect(slots.take()).toBe(true);
});
