import { expect, test } from 'vitest';
import { createGuessLimit } from '../../src/guess-limit.ts';

function limitAt(start: number) {
  let now = start;
  const limit = createGuessLimit(() => now);
  return {
    limit,
    pass(ms: number) {
      now += ms;
    },
  };
}

test('a minute after the first wrong password the address may guess again', () => {
  const { limit, pass } = limitAt(1000);
  for (let guess = 0; guess < 10; guess += 1) limit.wrong('a');
  expect(limit.shutFor('a')).toBe(60_000);
  pass(59_999);
  expect(limit.shutFor('a')).toBe(1);
  pass(1);
  expect(limit.shutFor('a')).toBe(0);
});

test('nine wrong passwords a minute shut nobody out', () => {
  const { limit, pass } = limitAt(0);
  for (let minute = 0; minute < 3; minute += 1) {
    for (let guess = 0; guess < 9; guess += 1) limit.wrong('a');
    expect(limit.shutFor('a')).toBe(0);
    pass(60_000);
  }
});

test('one address does not shut out another', () => {
  const { limit } = limitAt(0);
  for (let guess = 0; guess < 10; guess += 1) limit.wrong('a');
  expect(limit.shutFor('b')).toBe(0);
});

test('of very many addresses the oldest are forgotten, so that memory stays bounded', () => {
  const { limit } = limitAt(0);
  for (let guess = 0; guess < 10; guess += 1) limit.wrong('first');
  for (let guess = 0; guess < 10; guess += 1) limit.wrong('second');
  for (let address = 0; address < 9_999; address += 1) limit.wrong(`address ${address}`);
  expect(limit.shutFor('first')).toBe(0);
  expect(limit.shutFor('second')).toBe(60_000);
});
