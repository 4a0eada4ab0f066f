import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { findOnPath, startEmbeddedRedis } from '../../src/cli/embedded-redis.ts';
import { eventually } from '../helpers/eventually.ts';
import { freePort } from '../helpers/ports.ts';

const program = findOnPath(['valkey-server', 'redis-server']) as string;

function newFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'wxrelay-redis-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

async function begin(dir: string) {
  const redis = await startEmbeddedRedis(dir, false);
  onTestFinished(() => redis.stop());
  return redis;
}

/** What a client hears to the commands given, or why it is not let in. */
async function hear(url: string, command: string, ...args: string[]): Promise<unknown> {
  const redis = new Redis(url, { maxRetriesPerRequest: 0, retryStrategy: () => null });
  redis.on('error', () => undefined);
  try {
    return await redis.call(command, ...args);
  } catch (error) {
    return (error as Error).message;
  } finally {
    redis.disconnect();
  }
}

/** Addresses of this machine that are not 127.0.0.1; the second of the loopback network is one wherever that is whole. */
const otherAddresses = [
  ...(process.platform === 'linux' ? ['127.0.0.2'] : []),
  ...Object.values(networkInterfaces()).flatMap((list) =>
    (list ?? []).filter(({ address }) => address !== '127.0.0.1' && !address.startsWith('fe80')).map((i) => i.address),
  ),
];

const connects = (host: string, port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

describe.each([
  ...(inject('realRedis') ? [['redis-server', process.env['PATH'] ?? ''] as const] : []),
  ['js-redis-server', ''] as const,
])('the private Redis that %s is', (_, path) => {
  const start = (dir: string) => {
    vi.stubEnv('PATH', path);
    onTestFinished(() => void vi.unstubAllEnvs());
    return begin(dir);
  };

  test('lets nobody in without its password, and is not reached from another address', async () => {
    const { url } = await start(newFolder());
    const { port, password } = new URL(url);
    const open = `redis://127.0.0.1:${port}`;
    expect(password.length).toBeGreaterThan(40);
    for (const [command = '', ...args] of [['PING'], ['GET', 'x'], ['CONFIG', 'GET', 'requirepass'], ['SHUTDOWN']])
      expect(await hear(open, command, ...args)).toMatch(/^NOAUTH/);
    expect(await hear(open.replace('//', '//:wrong@'), 'PING')).toMatch(/^(NOAUTH|WRONGPASS)/);
    expect(await hear(url, 'PING')).toBe('PONG');
    expect(await connects('127.0.0.1', Number(port))).toBe(true);
    for (const address of otherAddresses)
      expect([address, await connects(address, Number(port))]).toEqual([address, false]);
  });

  test('keeps the password in a file of the owner, and out of the list of processes', async () => {
    const dir = newFolder();
    // As an earlier release, or a person, has left it.
    mkdirSync(join(dir, 'redis'), { mode: 0o755 });
    writeFileSync(join(dir, 'redis/running.json'), JSON.stringify({ port: await freePort(), owner: 0 }), {
      mode: 0o644,
    });
    const { password } = new URL((await start(dir)).url);
    vi.unstubAllEnvs();
    expect(readFileSync(join(dir, 'redis/running.json'), 'utf8')).toContain(password);
    expect([join(dir, 'redis'), join(dir, 'redis/running.json')].map((file) => statSync(file).mode & 0o777)).toEqual([
      0o700, 0o600,
    ]);
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(password);
  });

  test('comes back with the same port and password', async () => {
    const dir = newFolder();
    const first = await start(dir);
    await first.stop();
    expect((await begin(dir)).url).toBe(first.url);
  });
});

describe.skipIf(!inject('realRedis'))('a private Redis left behind by a wxrelay that was killed', () => {
  test.each([
    ['this release', 'left-behind-0123456789'],
    ['an earlier release, which has no password', undefined],
  ])('of %s is shut down, and what it held is there', async (_, password) => {
    const dir = newFolder();
    const port = await freePort();
    mkdirSync(join(dir, 'redis'));
    const dead = spawn('true');
    await once(dead, 'exit');
    const note = { port, owner: dead.pid, ...(password ? { password } : {}) };
    writeFileSync(join(dir, 'redis/running.json'), JSON.stringify(note));
    const flags = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', join(dir, 'redis'), '--appendonly', 'yes'];
    const left = spawn(program, [...flags, ...(password ? ['--requirepass', password] : [])], { stdio: 'ignore' });
    const leftUrl = `redis://${password ? `:${password}@` : ''}127.0.0.1:${port}`;
    onTestFinished(() => void left.kill('SIGKILL'));
    await eventually(async () => expect(await hear(leftUrl, 'SET', 'kept', 'yes')).toBe('OK'));
    const { url } = await begin(dir);
    await eventually(() => expect(left.exitCode).toBe(0));
    expect(new URL(url).port).toBe(`${port}`);
    expect(await hear(url, 'GET', 'kept')).toBe('yes');
    expect(await hear(`redis://127.0.0.1:${port}`, 'PING')).toMatch(/^NOAUTH/);
  });

  test('is left alone while its owner lives, and the second start is refused', async () => {
    const dir = newFolder();
    await begin(dir);
    await expect(startEmbeddedRedis(dir, false)).rejects.toThrow(`another wxrelay (process ${process.pid}) uses`);
  });
});
