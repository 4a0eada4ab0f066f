import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { mergeLines } from '../../src/merged-lines.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('the first is written at once, those of the next minute as one line with their count, and so on', () => {
  const merged = mergeLines();
  const lines: string[] = [];
  const happen = (key: string, times: number) => {
    for (let n = 0; n < times; n++) merged(key, (count) => lines.push(`${key} ${count}`));
  };
  happen('a', 1000);
  happen('b', 1);
  expect(lines).toEqual(['a 1', 'b 1']);
  vi.advanceTimersByTime(60_000);
  expect(lines).toEqual(['a 1', 'b 1', 'a 999']);
  happen('a', 5);
  expect(lines).toHaveLength(3);
  vi.advanceTimersByTime(60_000);
  expect(lines.at(-1)).toBe('a 5');
});

test('after a quiet minute the next is written at once again', () => {
  const merged = mergeLines();
  const lines: number[] = [];
  merged('a', (count) => lines.push(count));
  vi.advanceTimersByTime(60_000);
  merged('a', (count) => lines.push(count));
  expect(lines).toEqual([1, 1]);
});

test('the line tells of the last of what it stands for', () => {
  const merged = mergeLines();
  const lines: string[] = [];
  for (const why of ['first', 'second', 'third']) merged('a', (count) => lines.push(`${why} ${count}`));
  vi.advanceTimersByTime(60_000);
  expect(lines).toEqual(['first 1', 'third 2']);
});
