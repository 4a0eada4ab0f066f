import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError } from './errors.ts';

/** A process that takes over from an older one of the same kind waits this long for the port. Milliseconds. */
const TAKE_OVER = 2000;
const POLL = 20;

/** Listens, and says which setting to change where it cannot. Returns the port, which matters where 0 was asked for. */
export async function listen(server: Server, port: number, host: string, setting: string): Promise<number> {
  const end = Date.now() + (process.connected ? TAKE_OVER : 0);
  for (;;) {
    const error = await attempt(server, port, host);
    if (!error) return (server.address() as AddressInfo).port;
    if (error.code !== 'EADDRINUSE' || Date.now() >= end) throw new ConfigError([advice(error, port, setting)]);
    await sleep(POLL);
  }
}

function attempt(server: Server, port: number, host: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    server.once('error', resolve);
    server.listen(port, host || undefined, () => {
      server.off('error', resolve);
      resolve(undefined);
    });
  });
}

function advice({ code, message }: NodeJS.ErrnoException, port: number, setting: string): string {
  if (code === 'EADDRINUSE')
    return `port ${port} is taken by another program: stop that program, or set ${setting} to another port.`;
  return `port ${port} cannot be listened on (${message}): set ${setting} to another port.`;
}
