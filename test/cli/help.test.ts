import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createProgram } from '../../src/cli/program.ts';
import { startChild } from '../helpers/child.ts';

/** A command and all below it that a person is shown. */
const allOf = (command: Command): Command[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .filter((sub) => sub.name() !== 'help')
    .flatMap((sub) => [sub, ...allOf(sub)]);

const nameOf = (command: Command): string =>
  command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();

const commands = allOf(createProgram());

test('wxrelay --help lists every command', async () => {
  const child = startChild(['--help'], {});
  expect(await child.ended).toBe(0);
  const printed = child.lines.join('\n');
  expect(printed).toContain('Usage: wxrelay');
  for (const command of commands.filter(({ parent }) => parent?.name() === 'wxrelay'))
    expect(printed).toMatch(new RegExp(`^ +${command.name()}\\b`, 'm'));
});

test.each(commands.map((command) => [nameOf(command), command] as const))('%s explains itself', (name, command) => {
  const help = command.helpInformation();
  expect(help).toContain(`Usage: ${name}`);
  expect(command.description()).not.toBe('');
  for (const option of command.options) expect(option.description).not.toBe('');
});

test.each(
  commands.filter((command) => allOf(command).length === 0).map((command) => [nameOf(command), command] as const),
)('%s has --json', (_, command) => {
  expect(command.helpInformation()).toContain('--json');
});
