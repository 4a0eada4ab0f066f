import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';

const root = new URL('../../', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, root), 'utf8');
const docs = ['README.md', ...readdirSync(new URL('docs', root)).map((name) => `docs/${name}`)].map(read).join('\n');
const PROCESSES = ['start', 'receiver', 'worker', 'monitor', 'gateway', 'simulator'];
const options = createProgram()
  .commands.filter((command) => PROCESSES.includes(command.name()))
  .flatMap((command) => command.options.map(({ long }) => long as string));

describe('an option of a process stands in README or docs:', () => {
  test.each([...new Set(options)])('%s', (option) => expect(docs).toMatch(new RegExp(`${option}\\b`)));
});

test.each(['README.md', 'README.zh-CN.md'])('%s says how handlers that live elsewhere are given', (file) => {
  expect(read(file)).toContain('npm start -- --handlers my/handlers.ts');
});
