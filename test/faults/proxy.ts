// Stands between processes and Redis, and does what networks do.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface FaultProxy {
  readonly port: number;
  /** As the URL of a Redis. */
  readonly url: string;
  /** New connections lead to this port; those that are open stay. */
  leadTo(port: number): void;
  /** Cuts every connection. */
  cut(): void;
  /** The connections that are there stay open for ever, and whatever is written into them is gone. New ones are well. */
  swallow(): void;
  /** Commands get through; the next piece of an answer is dropped, and its connection cut. */
  dropReply(): void;
  /** Milliseconds that everything takes longer. */
  delay(ms: number): void;
  /** Changes every piece of an answer, which must keep its length. */
  rewrite(change: (answer: string) => string): void;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
  isDark: boolean;
}

export async function createFaultProxy(port: number): Promise<FaultProxy> {
  let target = port;
  let drops = 0;
  let late = 0;
  let change: ((answer: string) => string) | undefined;
  const pairs = new Set<Pair>();
  const cut = ({ client, upstream }: Pair) => {
    client.destroy();
    upstream.destroy();
  };
  const pass = (pair: Pair, from: Socket, to: Socket) => {
    from.on('data', (received) => {
      if (pair.isDark) return;
      const isAnswer = from === pair.upstream;
      const bytes = isAnswer && change ? Buffer.from(change(received.toString('latin1')), 'latin1') : received;
      if (isAnswer && drops > 0) {
        drops--;
        cut(pair);
      } else if (late > 0) setTimeout(() => to.write(bytes), late);
      else to.write(bytes);
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      pairs.delete(pair);
      cut(pair);
    });
  };
  const server = createServer((client) => {
    const pair = { client, upstream: connect(target, '127.0.0.1'), isDark: false };
    pairs.add(pair);
    pass(pair, client, pair.upstream);
    pass(pair, pair.upstream, client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const own = (server.address() as AddressInfo).port;
  return {
    port: own,
    url: `redis://127.0.0.1:${own}`,
    leadTo(to) {
      target = to;
    },
    cut: () => pairs.forEach(cut),
    swallow() {
      for (const pair of pairs) pair.isDark = true;
    },
    dropReply() {
      drops = 1;
    },
    delay(ms) {
      late = ms;
    },
    rewrite(how) {
      change = how;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      pairs.forEach(cut);
      await closed;
    },
  };
}
