import { mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { createWorld, type World } from '../helpers/world.ts';
import { signIn } from './harness.ts';

describe('wxrelay monitor', () => {
  let world: World;
  let url: string;
  beforeAll(async () => {
    const dir = mkdtempSync(join(tmpdir(), 'wxrelay-monitor-'));
    world = await createWorld({ env: { WXRELAY_DATA_DIR: dir } });
    url = `http://127.0.0.1:${world.env['MONITOR_PORT']}`;
  });
  afterAll(() => world.close());

  test('prints where to look, leaves the password it made up in a file, and logs none', async () => {
    const child = await world.start('monitor');
    const line = await eventually(() => {
      const found = child.lines.find((printed) => printed.startsWith('Watch the queues'));
      if (!found) throw new Error(child.lines.join('\n'));
      return found;
    });
    const [, address, file = ''] = /^Watch the queues at (\S+) \(any user, password: in (\S+)\)$/.exec(line) ?? [];
    const password = readFileSync(file, 'utf8').trim();
    expect([password.length, statSync(file).mode & 0o777]).toEqual([24, 0o600]);
    expect(address).toBe(url);
    expect((await fetch(`${url}/metrics`, { headers: signIn(password) })).status).toBe(200);
    expect(child.lines.filter((printed) => printed.includes(password))).toEqual([]);
    child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
  });

  test('shows the queues of --handlers, and prints no password that was given', async () => {
    const MONITOR_PASSWORD = 'given-password';
    const child = await world.start('monitor', { MONITOR_PASSWORD });
    const answer = await fetch(`${url}/queues/api/queues`, { headers: signIn(MONITOR_PASSWORD) });
    const { queues } = (await answer.json()) as { queues: { name: string }[] };
    expect(queues.map(({ name }) => name)).toEqual(expect.arrayContaining(['handle', 'models', 'deliver', 'dead']));
    await eventually(() => expect(child.lines.join('\n')).toContain(`Watch the queues at ${url}`));
    expect(child.lines.join('\n')).not.toContain(MONITOR_PASSWORD);
    child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
  });
});
