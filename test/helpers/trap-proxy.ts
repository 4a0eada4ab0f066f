import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { atPort } from './ports.ts';

/** Stands between a process and Redis, and stops it at a step of its work: from what names that step on, nothing gets through. */
export interface TrapProxy {
  readonly url: string;
  /**
   * Closes at the first thing said that holds this text; resolves then. `kept`: that itself never reaches Redis; otherwise it
   * does, and its answer is lost.
   */
  at(text: string, kept?: 'kept'): Promise<void>;
  /** Lets everything through again. */
  open(): void;
  close(): void;
}

export async function createTrapProxy(redisUrl: string): Promise<TrapProxy> {
  const { hostname, port } = new URL(redisUrl);
  const sockets = new Set<Socket>();
  let closed = false;
  let trap: { text: string; kept: boolean; sprung: () => void } | undefined;
  const close = () => {
    closed = true;
    for (const socket of sockets) socket.pause();
  };
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    client.on('data', (bytes) => {
      const sprung = trap && bytes.includes(trap.text) ? trap : undefined;
      if (sprung) close();
      if (!sprung?.kept) upstream.write(bytes);
      else client.unshift(bytes);
      sprung?.sprung();
      if (sprung) trap = undefined;
    });
    upstream.on('data', (bytes) => client.write(bytes));
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      if (closed) socket.pause();
      socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: atPort(redisUrl, (server.address() as AddressInfo).port),
    at: (text, kept) =>
      new Promise((resolve) => {
        trap = { text, kept: kept === 'kept', sprung: resolve };
      }),
    open() {
      closed = false;
      for (const socket of sockets) socket.resume();
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
