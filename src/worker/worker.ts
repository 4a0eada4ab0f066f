import { setMaxListeners } from 'node:events';
import { type Job, type Processor, RedisConnection, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { WireTap } from '../api/http.ts';
import type { Config } from '../config.ts';
import { handlersByName } from '../handlers/by-name.ts';
import { DEFAULT_QUEUE, queueOf } from '../handlers/check.ts';
import type { AnyHandler } from '../handlers/definition.ts';
import { checkTexts, type Texts } from '../handlers/texts.ts';
import type { Logger } from '../log.ts';
import { mergeLines } from '../merged-lines.ts';
import { openMediaIds } from '../store/blobs.ts';
import { openCapability } from '../store/capability.ts';
import { connectWorker } from '../store/connection.ts';
import { publishCounters } from '../store/counters.ts';
import { startHeartbeat } from '../store/heartbeat.ts';
import { openInstallation } from '../store/installation.ts';
import { accountTag } from '../store/keys.ts';
import { listenForNudges } from '../store/nudges.ts';
import { openPages } from '../store/pages.ts';
import { DEAD, DELIVER, type DeadData, openQueues, WAKE, type WakeData } from '../store/queues.ts';
import { logProblemsOfRedis, untilAllowed } from '../store/redis-setup.ts';
import { logRedisTroubles } from '../store/redis-troubles.ts';
import { refusalOf } from '../store/refusal.ts';
import { heirOf } from '../store/reroutes.ts';
import { openWeChat } from '../store/wechat.ts';
import { createPrepare } from './answer.ts';
import { createAsk } from './ask.ts';
import { processDead } from './dead.ts';
import { deliverStage } from './deliver.ts';
import { createFetcher } from './fetch-file.ts';
import { createPictureFetcher } from './fetch-picture.ts';
import { handleStage } from './handle.ts';
import { createLaneRunner } from './lane-runner.ts';
import type { Stage } from './stage.ts';
import { startSweeper } from './sweeper.ts';
import { createTyping } from './typing.ts';
import { createUploads } from './upload.ts';

export interface WorkerOptions {
  readonly config: Config;
  readonly handlers: readonly AnyHandler[];
  /** What the account says by itself; see `texts` of a module of handlers. */
  readonly texts?: Partial<Texts>;
  readonly log: Logger;
  readonly tap?: WireTap;
}

export interface RunningWorker {
  /** Takes no new work and lets what runs finish, for at most `ms`; what is left goes back. Calling it twice is harmless. */
  stop(ms?: number): Promise<void>;
}

/** BullMQ's lock on a job, and how often it looks for jobs whose worker died: together the longest a crash delays a push. */
const LOCK = 15_000;
const STALLED_INTERVAL = 5000;
/** Before the drain's end, runs that go on are told to stop, with time to do so. */
const LAST_WORDS = 6000;
const DRAIN = 25_000;
const LAST_MOMENT = 1000;
/** Finished jobs that stay to be looked at, per queue. */
const KEPT = { completed: 2000, failed: 2000 };

/** Starts a worker: it runs the handlers and delivers their answers, for every queue and partition. */
export async function startWorker({ config, handlers, texts, log, tap }: WorkerOptions): Promise<RunningWorker> {
  const onError = logRedisTroubles(config, log);
  const redis = connectWorker(config.redisUrl, onError);
  const names = await openInstallation(redis, config.prefix, config.partitions, config.account.id).catch((error) => {
    redis.disconnect();
    throw error;
  });
  await untilAllowed(config, onError);
  await logProblemsOfRedis(redis, log);
  const queues = openQueues(redis);
  const nudges = listenForNudges(redis, names.tags(), log);
  const { account } = config;
  const api = openWeChat({
    config,
    redis,
    log,
    // Handlers call it too, and must keep no answer waiting.
    connections: config.deliverConcurrency + config.concurrency,
    ...(tap ? { tap } : {}),
  });
  const wechat = config.customerService === 'off' ? undefined : api.wechat;
  const capability = openCapability(redis, accountTag(config.prefix, account.id), config.customerService);
  const ask = wechat ? createAsk(wechat, capability, log) : () => undefined;
  const showTyping = wechat ? createTyping(wechat, capability, log) : () => () => undefined;
  const { texts: said } = checkTexts(texts, 'texts');
  const pages = config.publicUrl ? openPages(redis, names, config.publicUrl) : undefined;
  const prepare = createPrepare({ redis, names, texts: said, pages: pages !== undefined });
  const fetcher = createFetcher(config.fetchPrivate);
  const drained = new AbortController();
  // Every run listens to it.
  setMaxListeners(0, drained.signal);
  const named = handlersByName(handlers);
  const handling = [
    ...handlerQueues(handlers).map((queue) =>
      handleStage(queue, {
        redis,
        queues,
        nudges,
        prepare,
        wechat: api.wechat,
        pages: pages !== undefined,
        ask,
        showTyping,
        handlers,
        heirOf: (name) => heirOf(redis, config.prefix, name),
        texts: said,
        log,
        drained: drained.signal,
      }),
    ),
  ];
  const deliver = deliverStage({
    redis,
    wechat,
    capability,
    texts: said,
    sorryOf: (name) => {
      const { sorry = said.sorry } = named.get(name) ?? {};
      return typeof sorry === 'string' ? sorry : '';
    },
    pages,
    uploads: createUploads(
      redis,
      openMediaIds(redis, accountTag(config.prefix, account.id)),
      fetcher,
      // The other half of the slots sends.
      createPictureFetcher(fetcher, Math.max(1, Math.floor(config.deliverConcurrency / 2))),
    ),
    account: account.id,
    inDoubt: config.inDoubt,
    log,
    lockDuration: LOCK,
  });
  const stages: Stage[] = [...handling, deliver];
  const runner = createLaneRunner({ redis, queues, log, deliver, sendSlots: config.deliverConcurrency });

  const workers = names
    .tags()
    .flatMap((tag) => [
      ...stages.map((stage) =>
        openWorker(redis, tag, stage.queue, slotsOf(stage.queue, config, handlers), log, (job, token) =>
          runner.process(stage, tag, job, token ?? ''),
        ),
      ),
      openWorker(redis, tag, WAKE, 8, log, ({ data: { lanes, now } }: Job<WakeData>) =>
        now ? queues.startLanesNow(tag, lanes) : queues.startLanes(tag, lanes),
      ),
      openWorker(redis, tag, DEAD, 8, log, (job: Job<DeadData>) => processDead({ redis, queues, names }, tag, job)),
    ]);
  const served = new Set(stages.map(({ queue }) => queue));
  const heart = startHeartbeat(redis, names.tags());
  const sweeper = startSweeper({
    redis,
    queues,
    names,
    prefix: config.prefix,
    textDays: config.textDays,
    dead: config.dead,
    served,
    log,
  });
  const counters = publishCounters(redis, config.prefix);
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  log.info({ queues: stages.map(({ queue }) => queue), handlers: handlers.map(({ name }) => name) }, 'worker.ready');

  let stopping: Promise<void> | undefined;
  const stop = async (ms: number) => {
    log.info('worker.stopping');
    runner.stop();
    sweeper.stop();
    heart.stop();
    const lastWords = setTimeout(() => drained.abort(), Math.max(0, ms - LAST_WORDS));
    const closed = Promise.all(workers.map((worker) => worker.close()));
    const inTime = await Promise.race([closed.then(() => true), after(ms, false)]);
    clearTimeout(lastWords);
    // With Redis away none of these would ever end.
    const closing = [counters.stop(), queues.close(), api.http.close(), fetcher.close()];
    await Promise.race([Promise.allSettled(closing), after(LAST_MOMENT, undefined)]);
    nudges.close();
    redis.disconnect();
    log.info({ inTime }, 'worker.stopped');
  };
  return {
    stop(ms = DRAIN) {
      stopping ??= stop(ms);
      return stopping;
    },
  };
}

/** The queues in which pushes wait for their handlers. */
export const handlerQueues = (handlers: readonly AnyHandler[]): string[] => [
  ...new Set([DEFAULT_QUEUE, ...handlers.filter(({ run }) => run).map(queueOf)]),
];

function slotsOf(queue: string, { concurrency, deliverConcurrency }: Config, handlers: readonly AnyHandler[]): number {
  if (queue === DELIVER) return deliverConcurrency;
  return handlers.find((h) => queueOf(h) === queue && h.concurrency !== undefined)?.concurrency ?? concurrency;
}

/**
 * BullMQ takes a server for this one where it is not to ask: its INFO needs a right, and its warnings go to the console. Our own
 * checks say both; see redis-setup.ts.
 */
RedisConnection.minimumVersion = '6.2.0';

function openWorker(
  redis: Redis,
  tag: string,
  name: string,
  concurrency: number,
  log: Logger,
  process: Processor,
): Worker {
  const worker = new Worker(name, process, {
    connection: redis,
    prefix: tag,
    concurrency,
    lockDuration: LOCK,
    stalledInterval: STALLED_INTERVAL,
    // A lane's job is a wake-up; the bounds are the push's own, kept in its lane.
    maxStalledCount: 1_000_000,
    runRetryDelay: 1000,
    skipVersionCheck: true,
    removeOnComplete: { count: KEPT.completed },
    removeOnFail: { count: name === DEAD ? -1 : KEPT.failed },
  });
  const merged = mergeLines();
  worker.on('error', (error) => {
    const { code, name: kind } = error as Error & { code?: string };
    // What is wrong with the connection, that has told.
    if (code || refusalOf(error)) return;
    merged(kind, (count) => log.warn({ err: error, queue: name, count }, 'queue.error'));
  });
  if (name !== DEAD)
    worker.on(
      'failed',
      (job, error) => refusalOf(error) ?? log.error({ err: error, queue: name, job: job?.id }, 'job.failed'),
    );
  return worker;
}

const after = <T>(ms: number, value: T) => new Promise<T>((resolve) => setTimeout(resolve, ms, value).unref());
