import { createServer } from 'node:http';
import { ConfigError } from '../errors.ts';
import { listen } from '../listen.ts';

export interface WantedPort {
  readonly setting: string;
  readonly port: number;
  readonly host: string;
}

/** Tries all ports before anything is started, so that one start tells of every one that cannot be had. */
export async function checkPorts(wanted: readonly WantedPort[]): Promise<void> {
  const twice = wanted.flatMap(({ setting, port }, index) => {
    const other = wanted.slice(0, index).find((one) => one.port === port && port !== 0);
    return other ? [`${other.setting} and ${setting} are both ${port}: set one of them to another port.`] : [];
  });
  if (twice.length > 0) throw new ConfigError(twice);
  const tried = await Promise.allSettled(
    wanted.map(async ({ setting, port, host }) => {
      const server = createServer();
      await listen(server, port, host, setting);
      await new Promise((closed) => server.close(closed));
    }),
  );
  const problems = tried.flatMap((one) => {
    if (one.status === 'fulfilled') return [];
    if (one.reason instanceof ConfigError) return one.reason.problems;
    throw one.reason;
  });
  if (problems.length > 0) throw new ConfigError(problems);
}
