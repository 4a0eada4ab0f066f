import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The one address of several receivers: each connection goes to the one that is behind it by then. */
export interface Door {
  readonly origin: string;
  leadTo(port: number): void;
  close(): void;
}

export async function createDoor(): Promise<Door> {
  const sockets = new Set<Socket>();
  let behind = 0;
  const server = createServer((client) => {
    const upstream = connect(behind, '127.0.0.1');
    client.pipe(upstream).pipe(client);
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    leadTo(port) {
      behind = port;
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
