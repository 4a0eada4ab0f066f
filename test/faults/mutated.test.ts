import { test } from 'vitest';
import { playMutated } from './mutated.ts';

test(
  'twenty thousand mutated pushes: no crash, nothing but 200, no memory kept, no forged sender',
  { timeout: 300_000 },
  (t) => playMutated(t, 20_000),
);
