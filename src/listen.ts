import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError } from './errors.ts';

/** The process that this one replaces may still be closing its port. Milliseconds. */
const PATIENCE = 2000;
const POLL = 20;

/** Listens, and says which setting to change where it cannot. Returns the port, which matters where 0 was asked for. */
export async function listen(server: Server, port: number, host: string, setting: string): Promise<number> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const error = await attempt(server, port, host);
    if (!error) return (server.address() as AddressInfo).port;
    if (error.code !== 'EADDRINUSE' || Date.now() >= end) throw new ConfigError([advice(error, port, setting)]);
    await sleep(POLL);
  }
}

function attempt(server: Server, port: number, host: string): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const settle = (error?: NodeJS.ErrnoException) => {
      server.off('error', settle).off('listening', settle);
      resolve(error);
    };
    server.once('error', settle).once('listening', settle);
    server.listen(port, host || undefined);
  });
}

function advice({ code, message }: NodeJS.ErrnoException, port: number, setting: string): string {
  if (code === 'EADDRINUSE')
    return `port ${port} is taken by another program: stop that program, or set ${setting} to another port.`;
  return `port ${port} cannot be listened on (${message}): set ${setting} to another port.`;
}
