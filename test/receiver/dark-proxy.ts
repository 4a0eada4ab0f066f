import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Stands between a client and Redis, and goes dark: connections stay, and nothing gets through, as when a network fails. */
export interface DarkProxy {
  readonly url: string;
  dark(): void;
  light(): void;
  close(): void;
}

export async function createDarkProxy(redisUrl: string): Promise<DarkProxy> {
  const { hostname, port } = new URL(redisUrl);
  const sockets = new Set<Socket>();
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
    add(client);
    add(upstream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    dark() {
      isDark = true;
      for (const socket of sockets) socket.pause();
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
