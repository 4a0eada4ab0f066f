import { expect, test } from 'vitest';
import { backoff } from '../../src/worker/backoff.ts';

test('pauses double from a second up to their bound, and chance takes at most half of them away', () => {
  const bounds = (tries: number) => [0, 1].map((chance) => backoff(tries, 60_000, () => chance));
  expect([0, 1, 2, 5, 6, 100].map(bounds)).toEqual([
    [500, 1000],
    [1000, 2000],
    [2000, 4000],
    [16_000, 32_000],
    [30_000, 60_000],
    [30_000, 60_000],
  ]);
});
