import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { atPort } from '../helpers/ports.ts';

/** Stands between a client and Redis, and goes dark: connections stay, and nothing gets through, as when a network fails. */
export interface DarkProxy {
  readonly url: string;
  dark(): void;
  /** What is said to Redis gets through, what it answers does not. */
  deaf(): void;
  light(): void;
  close(): void;
}

export async function createDarkProxy(redisUrl: string): Promise<DarkProxy> {
  const { hostname, port } = new URL(redisUrl);
  const sockets = new Set<Socket>();
  const upstreams = new WeakSet<Socket>();
  let isDark = false;
  const add = (socket: Socket) => {
    sockets.add(socket);
    if (isDark) socket.pause();
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
  };
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    client.on('data', (bytes) => upstream.write(bytes));
    upstream.on('data', (bytes) => client.write(bytes));
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    upstreams.add(upstream);
    add(client);
    add(upstream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: atPort(redisUrl, (server.address() as AddressInfo).port),
    dark() {
      isDark = true;
      for (const socket of sockets) socket.pause();
    },
    deaf() {
      for (const socket of sockets) if (upstreams.has(socket)) socket.pause();
    },
    light() {
      isDark = false;
      for (const socket of sockets) socket.resume();
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
