import { test } from 'vitest';
import { playMutated } from '../mutated.ts';

test(
  'a hundred thousand mutated pushes: no crash, nothing but 200, no memory kept, no forged sender',
  { timeout: 600_000 },
  (t) => playMutated(t, 100_000),
);
