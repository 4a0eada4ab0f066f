import { join } from 'node:path';
import { expect, test } from 'vitest';
// As it runs: what is compiled imports no types.
import { createParts } from '../../dist/src/cli/watch.js';

const DIST = new URL('../../dist/', import.meta.url).pathname;
const partsOf = createParts(join(DIST, 'workers/handlers/index.js'));

test.each([
  ['src/delivery/markdown.js', 'receiver worker monitor'],
  ['src/api/http.js', 'receiver worker monitor'],
  ['src/store/lanes.js', 'receiver worker monitor'],
  ['src/store/lua/take.lua', 'receiver worker monitor'],
  ['src/monitor/app.js', 'monitor'],
  ['src/simulator/push.js', 'simulator'],
  ['src/simulator/page/chat.js', 'simulator'],
  ['src/simulator/page/index.html', 'simulator'],
  ['src/gateway/proxy.js', ''],
  ['src/config.js', 'receiver worker monitor simulator'],
  ['workers/handlers/hi.js', 'receiver worker monitor'],
])('%s is part of: %s', (file, names) => {
  expect(partsOf(join(DIST, file)).join(' ')).toBe(names);
});
