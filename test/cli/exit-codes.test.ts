import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { describe, expect, test, vi } from 'vitest';
import { EXIT, EXIT_CODES } from '../../src/cli/exit-codes.ts';
import { createProgram } from '../../src/cli/program.ts';
import { runHere } from '../helpers/run-here.ts';

const DOCS = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8');

describe('the exit codes', () => {
  test('are the same in the code, in the docs and in --help', () => {
    const rows = [...DOCS.matchAll(/^\| `(\d+)` \| ([^|]+) \|/gm)].map(([, code, meaning]) => [Number(code), meaning]);
    expect(rows).toEqual(EXIT_CODES);
    expect(EXIT_CODES.map(([code]) => code).sort()).toEqual(Object.values(EXIT).sort());
    let help = '';
    createProgram()
      .configureOutput({
        writeOut: (text) => {
          help += text;
        },
      })
      .outputHelp();
    for (const [, meaning] of EXIT_CODES) expect(help).toContain(meaning);
  });

  const ACCOUNT = { WECHAT_APP_ID: 'wx0123456789abcdef', WECHAT_APP_SECRET: 'secret' };
  test.each([
    [EXIT.done, '--version', {}],
    [EXIT.done, 'queue --help', {}],
    [EXIT.failed, 'queue list', { REDIS_URL: 'redis://127.0.0.1:1' }],
    [EXIT.failed, 'menu get', { ...ACCOUNT, WECHAT_API_BASE_URL: 'http://127.0.0.1:1' }],
    [EXIT.wrongUsage, '', {}],
    [EXIT.wrongUsage, 'nothing-of-ours', {}],
    [EXIT.wrongUsage, 'queue list --nothing-of-ours', {}],
    [EXIT.wrongUsage, 'gateway --role none', {}],
    [EXIT.wrongUsage, 'send oOnly', {}],
    [EXIT.wrongUsage, 'trace', { REDIS_URL: 'redis://127.0.0.1:1' }],
    [EXIT.wrongUsage, 'queue reroute a! b', {}],
    [EXIT.wrongUsage, 'simulator push', { ...ACCOUNT, WECHAT_TOKEN: 'abc' }],
    [EXIT.wrongUsage, 'mass send --all', {}],
    [EXIT.wrongUsage, 'menu set nothing-there.json', ACCOUNT],
    [EXIT.wrongUsage, 'media upload picture.none', ACCOUNT],
    [EXIT.wrongSetup, 'queue list', {}],
    [EXIT.wrongSetup, 'queue list', { REDIS_URL: 'http://127.0.0.1' }],
    [EXIT.wrongSetup, 'menu get', {}],
    [EXIT.wrongSetup, 'receiver', { PORT: 'eighty' }],
  ])('%i: wxrelay %s', async (code, line, env) => {
    // Of commander itself.
    const spies = (['stdout', 'stderr'] as const).map((name) => vi.spyOn(process[name], 'write').mockReturnValue(true));
    try {
      expect((await runHere(line.split(' ').filter(Boolean), env, tmpdir())).code).toBe(code);
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  });
});
