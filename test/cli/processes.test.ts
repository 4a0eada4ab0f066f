import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Redis } from 'ioredis';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { startedByNpm } from '../../src/cli/foreground.ts';
import { readRunning } from '../../src/cli/running.ts';
import { startChild } from '../helpers/child.ts';
import { eventually } from '../helpers/eventually.ts';
import { freePort } from '../helpers/ports.ts';
import { runHere } from '../helpers/run-here.ts';
import { createWorld, HANDLERS } from '../helpers/world.ts';
import { signIn } from '../monitor/harness.ts';

const run = async (args: string[], env: Record<string, string> = {}, cwd?: string) => {
  const child = startChild(args, env, cwd);
  return { code: await child.ended, output: child.lines.join('\n') };
};

describe('a process of wxrelay', () => {
  test('a wrong setup stops the start and lists every problem at once', async () => {
    const { code, output } = await run(['receiver'], { PORT: 'eighty', WECHAT_ENCODING_AES_KEY: 'too-short' });
    expect(code).toBe(78);
    for (const problem of [
      'REDIS_URL is not set',
      'WECHAT_TOKEN is not set',
      'WECHAT_APP_ID is not set',
      'PORT must be a port',
      'WECHAT_ENCODING_AES_KEY must be',
    ])
      expect(output).toContain(problem);
    expect(output).not.toContain('too-short');
  });

  test('start refuses to run without an account in production', async () => {
    const { code, output } = await run(['start'], { NODE_ENV: 'production' });
    expect(code).toBe(78);
    expect(output).toContain('no account is configured');
  });

  test('--show-wire is refused in production', async () => {
    const env = {
      NODE_ENV: 'production',
      REDIS_URL: 'redis://127.0.0.1:1',
      WECHAT_TOKEN: 'abc',
      WECHAT_APP_ID: 'wx0123',
    };
    const { code, output } = await run(['receiver', '--show-wire'], env);
    expect(code).toBe(78);
    expect(output).toContain('--show-wire');
  });

  test('the simulator is refused in production', async () => {
    const env = { NODE_ENV: 'production', WECHAT_TOKEN: 'abc', WECHAT_APP_ID: 'wx0123', WECHAT_APP_SECRET: 'secret' };
    const { code, output } = await run(['simulator'], env);
    expect(code).toBe(78);
    expect(output).toContain('NODE_ENV=production');
  });

  test('a wrong handler stops the start with the file and what to do', async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'wxrelay-cli-'));
    t.onTestFinished(() => rmSync(dir, { recursive: true }));
    writeFileSync(
      join(dir, 'wrong.mjs'),
      "export const handlers = [{ name: 'a', on: 'txt', reply: 'x' }, { name: 'a', on: 'text' }];",
    );
    const env = { REDIS_URL: 'redis://127.0.0.1:1', WECHAT_TOKEN: 'abc', WECHAT_APP_ID: 'wx0123' };
    const { code, output } = await run(['receiver', '--handlers', 'wrong.mjs'], env, dir);
    expect(code).toBe(78);
    expect(output).toContain('wrong.mjs: handlers[0] "a" listens on "txt"');
    expect(output).toContain('has neither reply nor run');
    expect(output).toContain('has the name of handlers[0]');
  });

  test('a port that is taken is named, with the setting to change', async (t) => {
    const world = await createWorld();
    t.onTestFinished(() => world.close());
    await world.start('receiver');
    const { code, output } = await run(['receiver', '--handlers', HANDLERS], world.env);
    expect(code).toBe(78);
    expect(output).toContain(`port ${world.env['PORT']} is taken by another program`);
    expect(output).toContain('PORT');
  });

  test('another number of partitions than that of the first start is refused', async (t) => {
    const world = await createWorld();
    t.onTestFinished(() => world.close());
    await world.start('worker');
    const { code, output } = await run(['worker', '--handlers', HANDLERS], { ...world.env, WXRELAY_PARTITIONS: '4' });
    expect(code).toBe(78);
    expect(output).toContain('WXRELAY_PARTITIONS is 4, but this Redis was set up with 1');
  });

  test('a receiver with another number of partitions is refused as well', async (t) => {
    const world = await createWorld();
    t.onTestFinished(() => world.close());
    await world.start('worker');
    const { code, output } = await run(['receiver', '--handlers', HANDLERS], { ...world.env, WXRELAY_PARTITIONS: '4' });
    expect(code).toBe(78);
    expect(output).toContain('WXRELAY_PARTITIONS is 4, but this Redis was set up with 1');
  });

  test.each(['module', 'commonjs'])(
    'handlers in TypeScript are loaded as they are, from a package of type %s',
    async (type) => {
      const dir = mkdtempSync(join(tmpdir(), 'wxrelay-cli-'));
      onTestFinished(() => rmSync(dir, { recursive: true }));
      writeFileSync(join(dir, 'package.json'), JSON.stringify({ type }));
      mkdirSync(join(dir, 'node_modules'));
      symlinkSync(new URL('../..', import.meta.url).pathname, join(dir, 'node_modules/wxrelay'));
      writeFileSync(
        join(dir, 'mine.ts'),
        "import { handler } from 'wxrelay';\nexport const handlers = [handler({ name: 'typed', on: 'text', reply: ({ push }): string => 'typed ' + push.Content })];",
      );
      const world = await createWorld({ handlers: join(dir, 'mine.ts') });
      onTestFinished(() => world.close());
      await world.start('receiver');
      expect((await world.push({ text: 'x' })).answer?.reply).toMatchObject({ content: 'typed x' });
    },
  );

  test('trace prints what became of a user’s pushes, as text and as JSON', async (t) => {
    const world = await createWorld();
    t.onTestFinished(() => world.close());
    await Promise.all([world.start('receiver'), world.start('worker')]);
    const openid = 'oTraceCli'.padEnd(28, '0');
    await world.push({ openid, text: 'slow 5 x' });
    await eventually(() => expect(world.sent()).toHaveLength(1));
    const { output } = await eventually(async () => {
      const traced = await run(['trace', openid], world.env);
      expect(traced.output).toMatch(/accepted text for slow[\s\S]*slow ran \d+ ms[\s\S]*part 0: sent in/);
      return traced;
    });
    const [key] = output.split(' ');
    const { output: json } = await run(['trace', key as string, '--json'], world.env);
    expect(json.split('\n').map((line) => JSON.parse(line).key)).toEqual([key, key, key]);
    const nobody = await run(['trace', 'oNobody'.padEnd(28, '0')], world.env);
    expect(nobody).toMatchObject({ code: 1, output: expect.stringContaining('Nothing is known') });
  });

  test('processes end cleanly on SIGTERM', async (t) => {
    const world = await createWorld();
    t.onTestFinished(() => world.close());
    const children = await Promise.all([world.start('receiver'), world.start('worker'), world.start('monitor')]);
    for (const child of children) child.kill('SIGTERM');
    expect(await Promise.all(children.map(({ ended }) => ended))).toEqual([0, 0, 0]);
  });
});

describe('wxrelay start', () => {
  test('runs everything, answers a follower, and one SIGINT ends all of it', async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'wxrelay-start-'));
    const ports = {
      PORT: String(await freePort()),
      MONITOR_PORT: String(await freePort()),
      SIMULATOR_PORT: String(await freePort()),
    };
    const child = startChild(['start'], ports, dir);
    let stdout = '';
    child.process.stdout?.on('data', (text: string) => {
      stdout += text;
    });
    t.onTestFinished(async () => {
      child.kill('SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    });
    await eventually(() => expect(child.lines.join('\n')).toContain('Write to the account'));
    const simulator = `http://127.0.0.1:${ports.SIMULATOR_PORT}`;
    const pushed = await fetch(`${simulator}/simulator/push`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text: '你好' }),
    });
    expect(await pushed.json()).toMatchObject({ answer: { kind: 'success' } });
    await eventually(async () => {
      const state = (await (await fetch(`${simulator}/simulator/state`)).json()) as { messages: object[] };
      expect(state.messages).toMatchObject([
        { body: { text: { content: '你好 · Hello · Hola · Bonjour · こんにちは · Привет' } } },
      ]);
    });
    const file = join(dir, '.wxrelay/running.json');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const { REDIS_URL, ...settings } = readRunning(join(dir, '.wxrelay')) ?? {};
    expect(settings).toMatchObject({ ...ports, WECHAT_APP_ID: 'wxsimulator', WECHAT_TOKEN: expect.any(String) });
    const redis = new Redis(REDIS_URL as string);
    expect(await redis.ping()).toBe('PONG');
    redis.disconnect();
    // Piped, it is JSON lines alone, and no log gets the password.
    for (const line of stdout.trim().split('\n')) expect(() => JSON.parse(line), line).not.toThrow();
    const passwordFile = join(dir, '.wxrelay/monitor-password');
    expect(statSync(passwordFile).mode & 0o777).toBe(0o600);
    const password = readFileSync(passwordFile, 'utf8').trim();
    expect((await fetch(`http://127.0.0.1:${ports.MONITOR_PORT}/metrics`, { headers: signIn(password) })).status).toBe(
      200,
    );
    expect(child.lines.join('\n')).toContain('password: in .wxrelay/monitor-password');
    expect(child.lines.join('\n')).not.toContain(password);
    expect(child.lines.join('\n')).not.toContain('set appendonly to yes');

    const second = (...args: string[]) => runHere(args, {}, dir);
    expect(await second('queue', 'list')).toMatchObject({ code: 0, output: 'Nothing has been given up on.' });
    expect(await second('token', '--json')).toMatchObject({ code: 0, stdout: expect.stringContaining('wxsimulator') });
    const played = JSON.parse((await second('simulator', 'push', '--text', 'hi', '--json')).stdout);
    expect(played.answer).toMatchObject({ kind: 'reply', reply: { content: "Hi, I'm here." } });
    expect(await second('trace', played.attempts.at(-1).key)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('hi'),
    });
    expect(await second('send', 'oSimulatorFollower_000000001', 'hello')).toMatchObject({
      code: 0,
      output: expect.stringContaining('sent: '),
    });
    // Another Redis is another installation, whatever runs here.
    expect(await runHere(['queue', 'list'], { REDIS_URL: 'redis://127.0.0.1:1' }, dir)).toMatchObject({
      code: 1,
      output: expect.stringContaining('127.0.0.1:1'),
    });
    const note = readFileSync(file, 'utf8');
    child.kill('SIGINT');
    expect(await child.ended).toBe(0);
    expect([existsSync(file), existsSync(passwordFile), readRunning(join(dir, '.wxrelay'))]).toEqual([
      false,
      false,
      undefined,
    ]);
    // As a start that was killed leaves it.
    writeFileSync(file, note);
    expect(await second('queue', 'list')).toMatchObject({
      code: 78,
      output: expect.stringContaining('REDIS_URL is not set'),
    });
    for (const port of Object.values(ports)) await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  });

  test('the processes end too when the one that started them is killed', async (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'wxrelay-start-'));
    t.onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const ports = {
      PORT: String(await freePort()),
      MONITOR_PORT: String(await freePort()),
      SIMULATOR_PORT: String(await freePort()),
    };
    const child = startChild(['start'], ports, dir);
    await eventually(() => expect(child.lines.join('\n')).toContain('Write to the account'));
    child.kill('SIGKILL');
    await eventually(async () => {
      for (const port of Object.values(ports)) await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
    });
  });
});

test('a process that npm started ends with npm', async (t) => {
  const world = await createWorld();
  t.onTestFinished(() => world.close());
  const root = new URL('../..', import.meta.url).pathname;
  const npm = spawn('npm', ['run', 'receiver', '--', '--handlers', HANDLERS], {
    cwd: root,
    env: { ...process.env, ...world.env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.onTestFinished(() => void npm.kill('SIGKILL'));
  let printed = '';
  npm.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  await eventually(() => expect(printed).toContain('receiver.ready'));
  npm.kill('SIGTERM');
  await eventually(() => expect(fetch(`http://127.0.0.1:${world.env['PORT']}/healthz`)).rejects.toThrow());
});

test.each([
  ['node dist/src/cli/main.js receiver', true],
  ['npm run build && node dist/src/cli/main.js receiver', true],
  [undefined, false],
  ['node dist/src/cli/main.js receiver &', false],
  ['nohup node dist/src/cli/main.js receiver', false],
])('a process of the npm script %j ends with npm: %s', (npm_lifecycle_script, ends) => {
  expect(startedByNpm(npm_lifecycle_script === undefined ? {} : { npm_lifecycle_script })).toBe(ends);
});

test('start --watch is refused where nothing compiles what is saved', async (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'wxrelay-installed-'));
  t.onTestFinished(() => rmSync(dir, { recursive: true }));
  const root = new URL('../..', import.meta.url).pathname;
  cpSync(join(root, 'dist'), join(dir, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(dir, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
  const child = spawn(process.execPath, [join(dir, 'dist/src/cli/main.js'), 'start', '--watch'], { cwd: dir });
  let printed = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  expect(await once(child, 'close')).toEqual([78, null]);
  expect(printed).toContain('--watch belongs to `npm run dev` in a clone');
});

test('a process whose supervisor dies while it is starting ends too, without an error', async (t) => {
  const world = await createWorld();
  t.onTestFinished(() => world.close());
  const main = new URL('../../dist/src/cli/main.js', import.meta.url).pathname;
  const child = fork(main, ['receiver', '--handlers', HANDLERS], {
    env: { ...process.env, ...world.env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let printed = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    printed += chunk;
  });
  child.disconnect();
  const [[code]] = await Promise.all([once(child, 'exit'), once(child.stderr as Readable, 'end')]);
  expect({ code, printed }).toEqual({ code: 0, printed: '' });
});

test('a process whose supervisor dies while it waits for Redis ends too', async (t) => {
  const world = await createWorld();
  t.onTestFinished(() => world.close());
  const main = new URL('../../dist/src/cli/main.js', import.meta.url).pathname;
  const child = fork(main, ['worker', '--handlers', HANDLERS], {
    env: { ...process.env, ...world.env, REDIS_URL: 'redis://127.0.0.1:1' },
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  t.onTestFinished(() => void child.kill('SIGKILL'));
  const [told] = await once(child, 'message');
  expect(told).toEqual({ phase: 'loaded' });
  child.disconnect();
  expect(await once(child, 'exit')).toEqual([0, null]);
});

describe.skipIf(!inject('realRedis'))('the private Redis of wxrelay start', () => {
  const begin = async () => {
    const dir = mkdtempSync(join(tmpdir(), 'wxrelay-start-'));
    const ports = {
      PORT: String(await freePort()),
      MONITOR_PORT: String(await freePort()),
      SIMULATOR_PORT: String(await freePort()),
    };
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const launch = async () => {
      const child = startChild(['start'], ports, dir);
      onTestFinished(() => child.kill('SIGTERM'));
      await eventually(() => expect(child.lines.join('\n')).toContain('Write to the account'));
      return child;
    };
    const redisUrl = () =>
      JSON.parse(readFileSync(join(dir, '.wxrelay/running.json'), 'utf8')).settings.REDIS_URL as string;
    const say = async (text: string) => {
      const headers = { 'content-type': 'application/json' };
      const url = `http://127.0.0.1:${ports.SIMULATOR_PORT}/simulator/push`;
      const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify({ text }) });
      return ((await answer.json()) as { answer: { kind: string } }).answer.kind;
    };
    return { launch, redisUrl, say };
  };

  test('comes back at the same port when it dies, and all goes on', async () => {
    const { launch, redisUrl, say } = await begin();
    const child = await launch();
    const before = redisUrl();
    // A client that came back would shut the next one down as well.
    const redis = new Redis(before, { maxRetriesPerRequest: 0, retryStrategy: () => null });
    redis.on('error', () => undefined);
    await redis.shutdown('NOSAVE').catch(() => undefined);
    redis.disconnect();
    await eventually(async () => expect(await say('你好')).toBe('success'));
    const again = new Redis(before, { maxRetriesPerRequest: null });
    again.on('error', () => undefined);
    onTestFinished(() => again.disconnect());
    expect(await again.ping()).toBe('PONG');
    child.kill('SIGTERM');
    expect(await child.ended).toBe(0);
  });

  test('is not left behind by a second Ctrl-C, and the next start works', async () => {
    const { launch, say } = await begin();
    const child = await launch();
    child.kill('SIGINT');
    child.kill('SIGINT');
    await child.ended;
    const again = await launch();
    expect(await say('hi')).toBe('reply');
    again.kill('SIGTERM');
    expect(await again.ended).toBe(0);
  });
});
