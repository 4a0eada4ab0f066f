import { expect, test } from 'vitest';
import { History } from '../../src/simulator/history.ts';

test('a history keeps its newest entries, in order', () => {
  const history = new History<number>(100);
  for (let i = 1; i <= 1000; i++) history.add(i);
  expect(history.list()).toEqual(Array.from({ length: 100 }, (_, i) => 901 + i));
});
