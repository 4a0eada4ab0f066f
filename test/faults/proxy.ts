// Stands between processes and Redis (or receivers), and does what networks do.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface FaultProxy {
  readonly port: number;
  /** As the URL of a Redis. */
  readonly url: string;
  /** New connections lead there; those that are open stay. */
  leadTo(port: number): void;
  /** Cuts every connection. */
  cut(): void;
  /** Connections stay, new ones are taken, and nothing gets through in either direction; what is held goes on afterwards. */
  hold(): void;
  /** As `hold`, but what is sent meanwhile is gone, and with it the connections in the end. */
  swallow(): void;
  /** Commands get through; the next `count` pieces of answers are dropped, and their connections cut. */
  dropReplies(count: number): void;
  /** Everything takes so much longer, in milliseconds. */
  delay(ms: number): void;
  /** The network is well again. What was swallowed is not: those connections are cut. */
  heal(): void;
  close(): Promise<void>;
}

type Weather = 'fair' | 'held' | 'swallowed';

export async function createFaultProxy(port: number): Promise<FaultProxy> {
  let target = port;
  let weather: Weather = 'fair';
  let drops = 0;
  let late = 0;
  const pairs = new Set<{ client: Socket; upstream: Socket; lossy: boolean }>();
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    const pair = { client, upstream, lossy: weather === 'swallowed' };
    pairs.add(pair);
    const pass = (from: Socket, to: Socket, isReply: boolean) => {
      if (weather === 'held') from.pause();
      from.on('data', (bytes) => {
        if (weather === 'swallowed') {
          pair.lossy = true;
          return;
        }
        if (isReply && drops > 0) {
          drops--;
          end();
          return;
        }
        if (late > 0) setTimeout(() => to.write(bytes), late);
        else to.write(bytes);
      });
      from.on('error', () => undefined);
    };
    const end = () => {
      pairs.delete(pair);
      client.destroy();
      upstream.destroy();
    };
    pass(client, upstream, false);
    pass(upstream, client, true);
    client.on('close', end);
    upstream.on('close', end);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = (server.address() as AddressInfo).port;
  const each = (act: (pair: { client: Socket; upstream: Socket; lossy: boolean }) => void) => {
    for (const pair of pairs) act(pair);
  };
  const cutPair = ({ client, upstream }: { client: Socket; upstream: Socket }) => {
    client.destroy();
    upstream.destroy();
  };
  return {
    port: own,
    url: `redis://127.0.0.1:${own}`,
    leadTo(to) {
      target = to;
    },
    cut: () => each(cutPair),
    hold() {
      weather = 'held';
      each(({ client, upstream }) => {
        client.pause();
        upstream.pause();
      });
    },
    swallow() {
      weather = 'swallowed';
    },
    dropReplies(count) {
      drops = count;
    },
    delay(ms) {
      late = ms;
    },
    heal() {
      weather = 'fair';
      each((pair) => {
        if (pair.lossy) cutPair(pair);
        pair.client.resume();
        pair.upstream.resume();
      });
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      each(cutPair);
      await closed;
    },
  };
}
