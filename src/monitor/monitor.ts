import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../config.ts';
import { toError } from '../errors.ts';
import { listen } from '../listen.ts';
import type { Logger } from '../log.ts';
import { connectTool } from '../store/connection.ts';
import { openInstallation } from '../store/installation.ts';
import { accountTag } from '../store/keys.ts';
import { openQueues } from '../store/queues.ts';
import { logRedisTroubles } from '../store/redis-troubles.ts';
import { sayRefusal } from '../store/refusal.ts';
import { createApp, type Pages } from './app.ts';
import { createBoard } from './board.ts';
import { metricsText } from './metrics.ts';
import { whyNoAnswer } from './ping.ts';

export interface MonitorOptions {
  readonly config: Config;
  /** The queues in which pushes wait for their handlers. */
  readonly queues: readonly string[];
  readonly log: Logger;
}

export interface RunningMonitor {
  readonly port: number;
  /** The password made up at start where the config has none. It is in no log: tell it to a person. */
  readonly madeUpPassword: string | undefined;
  /** Calling it twice is harmless. */
  stop(): Promise<void>;
}

/** Without Redis by then, the monitor is ready all the same, and its pages say so. */
const OPEN_WITHIN = 2000;
const OPEN_AGAIN = 2000;
const DRAIN = 2000;

/** Starts the monitor: the queues of every partition in bull-board, and the metrics of all processes. */
export async function startMonitor({ config, queues: handlerQueues, log }: MonitorOptions): Promise<RunningMonitor> {
  const madeUpPassword = config.monitor.password ? undefined : randomBytes(18).toString('base64url');
  const redis = connectTool(config.redisUrl, logRedisTroubles(config, log));
  const queues = openQueues(redis);
  const tag = accountTag(config.prefix, config.account.id);
  let pages: Pages | undefined;
  let refusal: string | undefined;
  const openPages = async (): Promise<void> => {
    const names = await openInstallation(redis, config.prefix, config.partitions, config.account.id).catch((error) => {
      refusal = sayRefusal(error);
      if (!refusal || stopping) throw error;
    });
    if (!names) return sleep(OPEN_AGAIN, undefined, { ref: false }).then(openPages);
    pages = {
      board: createBoard({ queues, names, handlerQueues, log }),
      metrics: () => metricsText(redis, config.prefix, { names, queues, handlerQueues, accountTag: tag }),
    };
  };
  const app = createApp({
    password: madeUpPassword ?? config.monitor.password,
    async open() {
      const why = await whyNoAnswer(redis);
      return !why && pages ? pages : { why: why ?? refusal ?? 'Redis has not answered yet.' };
    },
    log,
  });
  const server = createServer(app.callback());

  let stopping: Promise<void> | undefined;
  const stop = async () => {
    log.info('monitor.stopping');
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    await Promise.race([closed, sleep(DRAIN, undefined, { ref: false })]);
    server.closeAllConnections();
    redis.disconnect();
    await queues.close();
    log.info('monitor.stopped');
  };
  const stopOnce = () => {
    stopping ??= stop();
    return stopping;
  };

  try {
    const port = await listen(server, config.monitor.port, config.monitor.host, 'MONITOR_PORT');
    const opening = openPages();
    opening.catch((error) => stopping ?? log.error({ err: toError(error) }, 'monitor.wrong_setup'));
    await Promise.race([opening, sleep(OPEN_WITHIN, undefined, { ref: false })]);
    log.info({ port }, 'monitor.ready');
    return { port, madeUpPassword, stop: stopOnce };
  } catch (error) {
    await stopOnce();
    throw error;
  }
}
