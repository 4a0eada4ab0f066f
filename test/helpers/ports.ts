import { createServer } from 'node:net';

/** Below the ports that connections get by themselves: one that is free now should still be when it is used. */
const [FROM, TO] = [10_000, 32_000];

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const attempt = () => {
      const port = FROM + Math.floor(Math.random() * (TO - FROM));
      const probe = createServer().once('error', attempt);
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(port)));
    };
    attempt();
  });
}

/** The same server, with the same password, by way of another port of this machine. */
export function atPort(redisUrl: string, port: number): string {
  const url = new URL(redisUrl);
  url.host = `127.0.0.1:${port}`;
  return url.href;
}
