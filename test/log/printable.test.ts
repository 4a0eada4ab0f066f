// Control characters of text from outside reach no terminal: neither by the log nor by what the tools print.
import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hush } from '../../src/hush.ts';
import { printable, printableLine } from '../../src/printable.ts';

const KINDS: [string, string][] = [
  ['ESC', '\x1b[2J'],
  ['OSC, which sets a title', '\x1b]0;title\x07'],
  ['CSI as one character', '\x9b31m'],
  ['CR', 'good\rbad'],
  ['backspace', 'bad\b\b\bgood'],
  ['DEL', '\x7f'],
  ['a right-to-left override', '\u202egpj.exe'],
  ['a line separator', 'a\u2028b'],
];
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
const STEERING = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2028\u2029]/;

test.each(KINDS)('%s is written as an escape', (_, text) => {
  expect(printable(text)).not.toMatch(STEERING);
  expect(JSON.parse(`"${printable(text)}"`)).toBe(text);
});

test('any text on one line is one line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printableLine(text)).not.toMatch(/[\n\r]/);
      expect(printable(text)).not.toMatch(STEERING);
    }),
  );
});

test('printable text stays as it is', () => {
  const text = '你好，\tworld 😀 é\nlast line';
  expect(printable(text)).toBe(text);
});

test('an error of a handler that quotes control characters or forges lines stays one printable line', () => {
  const error = new Error('no file “\x1b[31mx”\n2026-01-01 push.accepted\r\n    at forged (secret words)');
  const hushed = hush(error, []);
  expect(hushed.message).not.toMatch(STEERING);
  expect(hushed.message).not.toContain('\n');
  expect(hushed.stack).not.toContain('forged');
  expect(hushed.stack).toContain('printable.test.ts');
});

/** What a process that logs `value` in each place writes. */
function logged(value: string, readable: boolean): string {
  const log = new URL('../../src/log.ts', import.meta.url).href;
  const program = `
    import { createLog } from ${JSON.stringify(log)};
    const log = createLog('test', 'info', ${readable});
    const value = ${JSON.stringify(value)};
    log.info({ value, nested: { list: [value] }, err: Object.assign(new Error(value), { code: value }) }, 'field');
    log.child({ bound: value }).warn('bound');
    log.info(value);`;
  return execFileSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    encoding: 'utf8',
  });
}

describe.each([
  ['JSON lines', false],
  ['readable lines', true],
])('the log in %s', (_, readable) => {
  test('holds no control character of a field, a nested one, an error, a child or an event', () => {
    const all = KINDS.map(([, text]) => text).join(' ');
    const written = logged(`${all}\nforged line`, readable);
    // What colours a terminal is pino-pretty's own, and none of it is here: this is no terminal.
    expect(written).not.toMatch(STEERING);
    expect(written).not.toMatch(/^forged line/m);
    expect(written.match(/^(\{|\[\d)/gm)).toHaveLength(3);
  });
});

test('a JSON line still says what was written', () => {
  const value = 'a\\u001b \x1b[31m \x9b \u202e "quoted" \\n \n';
  const [first] = logged(value, false).split('\n') as [string];
  expect(JSON.parse(first)).toMatchObject({ value });
});
