import { vi } from 'vitest';
import { runCommand } from '../../src/cli/program.ts';

/**
 * Runs one `wxrelay` command in this process: a start of its own would take most of the time, and what a tool asks of the API
 * and prints is the same. Environment and folder are the command's alone, so only one can run at a time.
 */
export async function runHere(args: readonly string[], env: Record<string, string>, cwd: string) {
  const before = { env: process.env, cwd: process.cwd() };
  const printed: { to: 'stdout' | 'stderr'; text: string }[] = [];
  const spies = (['log', 'error'] as const).map((method) =>
    vi.spyOn(console, method).mockImplementation((...texts: unknown[]) => {
      printed.push({ to: method === 'log' ? 'stdout' : 'stderr', text: texts.join(' ') });
    }),
  );
  process.env = { PATH: before.env['PATH'], HOME: before.env['HOME'], ...env };
  process.chdir(cwd);
  try {
    await runCommand(args);
    const stdout = printed.flatMap(({ to, text }) => (to === 'stdout' ? [`${text}\n`] : [])).join('');
    const lines = printed.flatMap(({ text }) => text.split('\n'));
    return { code: Number(process.exitCode ?? 0), output: lines.join('\n'), lines, stdout };
  } finally {
    process.exitCode = undefined;
    process.chdir(before.cwd);
    process.env = before.env;
    for (const spy of spies) spy.mockRestore();
  }
}
