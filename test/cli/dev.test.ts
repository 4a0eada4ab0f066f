import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { freePort } from '../helpers/ports.ts';

test('under npm run dev a saved handler answers with what was saved, no push is lost meanwhile, and errors are told once, with their source', async (t) => {
  const root = new URL('../../', import.meta.url).pathname;
  const dir = mkdtempSync(join(tmpdir(), 'wxrelay-dev-'));
  for (const name of ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'scripts', 'src', 'workers'])
    cpSync(join(root, name), join(dir, name), { recursive: true });
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
  const file = join(dir, 'workers/handlers/hi.ts');
  const saved = readFileSync(file, 'utf8');
  // What a linter minds stops nothing.
  writeFileSync(file, `const unused = 1;\n${saved}`);
  const simulator = `http://127.0.0.1:${await freePort()}`;
  const env = {
    ...process.env,
    PORT: String(await freePort()),
    MONITOR_PORT: String(await freePort()),
    SIMULATOR_PORT: new URL(simulator).port,
  };
  const dev = spawn('npm', ['run', 'dev'], { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let output = '';
  for (const stream of [dev.stdout, dev.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  t.onTestFinished(async () => {
    const ended = new Promise((resolve) => dev.once('exit', resolve));
    process.kill(-(dev.pid as number), 'SIGINT');
    await ended;
    rmSync(dir, { recursive: true, force: true });
  });
  const say = async (text: string): Promise<string> => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${simulator}/simulator/push`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ text }),
    });
    const pushed = (await answer.json()) as { answer: { kind: string; reply?: { content: string } } };
    return pushed.answer.reply?.content ?? pushed.answer.kind;
  };
  await eventually(() => expect(output).toContain('Write to the account'));
  expect(await say('hi')).toBe("Hi, I'm here.");

  writeFileSync(file, saved.replace("Hi, I'm here.", 'Hi, I was saved.'));
  const heard = new Set<string>();
  await eventually(async () => {
    const said = await say('hi');
    heard.add(said);
    expect(said).toBe('Hi, I was saved.');
  });
  expect([...heard].every((said) => said.startsWith('Hi, I'))).toBe(true);

  // One that cannot be started is told once, and the code before it goes on.
  writeFileSync(file, saved.replace("on: 'text'", "on: 'txt' as 'text'"));
  await eventually(() => expect(output).toContain('the code as it was before goes on'));
  expect(output.split('listens on "txt"')).toHaveLength(2);
  expect(await say('hi')).toBe('Hi, I was saved.');

  // What a handler throws points into its source.
  writeFileSync(
    file,
    saved.replace('reply: "Hi, I\'m here."', "reply: () => {\n    throw new Error('on purpose');\n  }"),
  );
  await eventually(async () => {
    await say('hi');
    expect(output).toMatch(/workers\/handlers\/hi\.ts:8/);
  });
});
