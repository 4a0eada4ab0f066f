import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readClients } from '../../src/gateway/clients.ts';
import { checkHandlers } from '../../src/handlers/check.ts';
import { readRate } from '../../src/limit.ts';

const folder = mkdtempSync(join(tmpdir(), 'wxrelay-limits-'));
afterAll(() => rmSync(folder, { recursive: true }));

const KEY = 'a-key-of-twenty-four-chars';
const ofHandler = (limit: string) => checkHandlers([{ name: 'asked', on: 'text', reply: 'hi', limit }], 'handlers.ts');
function ofClient(limit: string) {
  const path = join(folder, 'clients.json');
  writeFileSync(path, JSON.stringify({ clients: [{ name: 'crm', key: KEY, limit, limits: { '/send': limit } }] }));
  return readClients(path).find(KEY);
}

describe('a limit is written the same way in a handler and in the gateway’s file:', () => {
  test.each([
    ['5/s', 1],
    ['20/min', 60],
    ['20/h', 3600],
    ['20/hour', 3600],
    ['999999999/day', 86_400],
  ])('%s', (text, seconds) => {
    const count = Number.parseInt(text, 10);
    expect(readRate(text)).toEqual({ count, seconds });
    expect(() => ofHandler(text)).not.toThrow();
    const bound = { calls: count, seconds };
    expect(ofClient(text)).toMatchObject({ limit: bound, limits: [{ pattern: '/send', limit: bound }] });
  });

  test.each(['', '20', '0/min', '-1/min', '20/fortnight', '20/min ', '20 / min', '2.5/s', '20/constructor', '/min'])(
    '%j is none, and both say how to write one',
    (text) => {
      const how = /write it as a number, "\/", and s, min, hour or day, such as '20\/min'/;
      expect(() => ofHandler(text)).toThrow(how);
      expect(() => ofClient(text)).toThrow(how);
    },
  );
});
