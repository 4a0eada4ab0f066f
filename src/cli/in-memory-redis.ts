import { createServer, type Socket } from 'node:net';

interface Place {
  readonly port: number;
  readonly password: string;
}

/**
 * A Redis of JavaScript, in memory. The server that js-redis-server brings takes no address and would listen on all of them:
 * its parts behind a listener of ours are reached from this machine alone, with the password.
 */
export async function startInMemory({ port, password }: Place): Promise<{ stop(): Promise<void> }> {
  const { attachSession, createRedisCommandExecutor, RedisServerState, SocketConnectionTransport } = await import(
    'js-redis-server/core'
  );
  const state = new RedisServerState({ databaseCount: 16, requirepass: password });
  const executor = createRedisCommandExecutor();
  const sockets = new Set<Socket>();
  const server = createServer({ keepAlive: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    attachSession(new SocketConnectionTransport(socket), {
      state,
      executor,
      clientAddress: `${socket.remoteAddress}:${socket.remotePort}`,
    });
  });
  await new Promise<void>((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done));
  return {
    async stop() {
      const closed = new Promise((done) => server.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
      state.close();
    },
  };
}
