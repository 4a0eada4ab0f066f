import { expect, test } from 'vitest';
import { figuresOf } from './figures.ts';

const acked = { attempts: [{ ms: 3, status: 200 }], ackedAt: 1000 };
const receipt = (text: string, at: number) => ({ openid: 'u', text, at });

test('the checker finds what is lost, out of order, repeated and refused', () => {
  const sayings = [
    ...[0, 1, 2, 3, 4].map((n) => ({ openid: 'u', n, ...acked })),
    { openid: 'u', n: 5, attempts: [{ ms: 5000, timedOut: true }] },
  ];
  const receipts = [
    receipt('done n0', 1100),
    receipt('done n2', 1200),
    receipt('sorry n1', 1300),
    receipt('done n2', 1400),
    // Kept by an attempt whose answer never came: no harm, and no place in the order.
    receipt('done n5', 1500),
    receipt('done n3', 4100),
  ];
  expect(figuresOf({ sayings, receipts, endedAt: 1000 })).toEqual({
    accepted: 5,
    refused: 1,
    lost: 1,
    outOfOrder: 1,
    repeated: 1,
    timedOut: 0,
    slowestAck: 3,
    recovery: 3.1,
  });
  expect(figuresOf({ sayings, receipts, endedAt: 1000, listed: new Set(['u 4']) })).toMatchObject({ lost: 0 });
});

test('a push that was accepted only after an attempt had run into the five seconds is found', () => {
  const attempts = [
    { ms: 5000, timedOut: true },
    { ms: 8, status: 200 },
  ];
  const found = figuresOf({ sayings: [{ openid: 'u', n: 0, attempts, ackedAt: 1 }], receipts: [], endedAt: 2 });
  expect(found).toMatchObject({ timedOut: 1, slowestAck: 8, lost: 1 });
});
