import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import { type Config, doubtfulSettings } from '../config.ts';
import { checkDataDir } from '../data-dir.ts';
import { ConfigError, toError } from '../errors.ts';
import type { AnyHandler } from '../handlers/definition.ts';
import { createRouter } from '../handlers/route.ts';
import { checkTexts, type Texts } from '../handlers/texts.ts';
import { logHttpErrors } from '../http-errors.ts';
import { hush, wordsOf } from '../hush.ts';
import { listen } from '../listen.ts';
import type { Logger } from '../log.ts';
import { mergeLines } from '../merged-lines.ts';
import { createSpool } from '../spool/spool.ts';
import { openAnswers } from '../store/answers.ts';
import { openCapability } from '../store/capability.ts';
import { connectReceiver } from '../store/connection.ts';
import { publishCounters } from '../store/counters.ts';
import { buryFull } from '../store/dead.ts';
import { openEncryptedMode } from '../store/encrypted-mode.ts';
import { noteForgetting } from '../store/forgetting.ts';
import { createIngest } from '../store/ingest.ts';
import { LoginError, openInstallation } from '../store/installation.ts';
import { accountTag } from '../store/keys.ts';
import { keepMalformed } from '../store/malformed.ts';
import { openMassResults } from '../store/mass-results.ts';
import { listenForNudges } from '../store/nudges.ts';
import { openPages, PAGE_PATH } from '../store/pages.ts';
import { openQueues, wakeLater } from '../store/queues.ts';
import { createReadiness } from '../store/ready.ts';
import { logProblemsOfRedis, untilAllowed } from '../store/redis-setup.ts';
import { logRedisTroubles } from '../store/redis-troubles.ts';
import { refusalOf } from '../store/refusal.ts';
import type { Push } from '../wechat/push.ts';
import { createAccept } from './accept.ts';
import type { Store } from './draft.ts';
import { createFallback, type Spooled } from './fallback.ts';
import { createMiddleware } from './middleware.ts';
import { isPagePath, servePage } from './serve-page.ts';
import { createVerifier } from './verify.ts';

export interface ReceiverOptions {
  readonly config: Config;
  readonly handlers: readonly AnyHandler[];
  /** What the account says by itself; see `texts` of a module of handlers. */
  readonly texts?: Partial<Texts>;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  readonly tap?: (direction: 'push' | 'reply', text: string) => void;
}

/**
 * The receiving side without a server: mount `middleware` in a Koa app of your own, at the path entered in the console, and,
 * where PUBLIC_URL is set, at `/wxrelay/page/:token` for the pages of long answers.
 */
export interface Receiver {
  readonly middleware: Middleware;
  /** Rejects with a `ConfigError` where Redis answers, and was set up otherwise than this process. */
  checkSetup(): Promise<void>;
  /** Whether a push could be made durable now. */
  isReady(): Promise<boolean>;
  close(): Promise<void>;
}

export interface RunningReceiver {
  readonly port: number;
  /** Lets the requests that are here be answered, then closes. Calling it twice is harmless. */
  stop(): Promise<void>;
}

const RETRY_OPEN = 200;
const RETRY_REFUSED = 2000;
const READY_WITHIN = 300;
/** Against clients that send slowly; WeChat itself gives up after 5 s. */
const REQUEST_TIMEOUT = 10_000;
const DRAIN = 6000;

export function createReceiver({ config, handlers, texts, log, now = Date.now, tap }: ReceiverOptions): Receiver {
  const onError = logRedisTroubles(config, log);
  const redis = connectReceiver(config.redisUrl, onError);
  for (const why of doubtfulSettings(config)) log.warn({ why }, 'settings.doubtful');
  const queues = openQueues(redis);
  const mode = openEncryptedMode(redis, accountTag(config.prefix, config.account.id), config.account, log);
  const capability = openCapability(redis, accountTag(config.prefix, config.account.id), config.customerService);
  const mayHold = config.customerService !== 'on' || handlers.some(({ wait }) => (wait ?? 0) > 0);
  const takesPushes = createReadiness(redis, config);
  const closed = new AbortController();
  let store: Store | undefined;
  let wrongSetup = false;

  const open = async () => {
    while (!closed.signal.aborted) {
      try {
        await untilAllowed(config, onError);
        const names = await openInstallation(redis, config.prefix, config.partitions, config.account.id);
        await mode.recall();
        const wake = (tag: string, lanes: string[], now?: boolean) =>
          void wakeLater(queues, tag, lanes, now).catch(() => undefined);
        await capability.recall();
        const nudges = mayHold ? listenForNudges(redis, names.tags(), log) : undefined;
        const ingest = createIngest({
          redis,
          names,
          wake,
          canSend: () => capability.current === 'on',
          maxLane: config.maxLane,
        });
        store = {
          names,
          nudges,
          answers: openAnswers(redis, names),
          pages: config.publicUrl ? openPages(redis, names, config.publicUrl) : undefined,
          ingest,
          bury: (push, handler) => buryFull({ redis, queues, ingest, names }, push, handler),
          wake: (key, lane) => wake(names.tagOf(key), [lane], true),
          forget: (whom) => noteForgetting(redis, names, whom),
        };
        logProblemsOfRedis(redis, log).catch(() => undefined);
        return;
      } catch (error) {
        // A login may be put right in Redis; until then pushes are kept on disk.
        if (error instanceof ConfigError && !(error instanceof LoginError)) throw error;
        await sleep(refusalOf(error) || error instanceof LoginError ? RETRY_REFUSED : RETRY_OPEN);
      }
    }
  };
  const opening = open();
  opening.catch((error) => {
    wrongSetup = true;
    log.fatal({ why: toError(error).message }, 'receiver.wrong_setup');
  });
  const counters = publishCounters(redis, config.prefix);

  const openFallback = () => {
    const spool = createSpool<Spooled>({ root: join(config.dataDir, 'spool'), scope: config.prefix, log });
    return createFallback({ spool, always: config.spool === 'always', store: () => store, opening, log, now });
  };
  const fallback = config.spool === 'off' ? undefined : openFallback();

  const memory = {
    get encryptedOnly() {
      return mode.encryptedOnly || (store ? false : undefined);
    },
  };
  const onMatchError = (handler: string, error: unknown, push: Push) =>
    log.error({ handler, err: hush(toError(error), wordsOf(push)) }, 'match.failed');
  const takePush = createMiddleware({
    verifier: createVerifier(config.account, config.maxAge, memory),
    accept: createAccept({
      account: config.account.id,
      route: createRouter(handlers, onMatchError),
      texts: checkTexts(texts, 'texts').texts,
      capability,
      maxHeld: config.maxHeld,
      massResults: openMassResults(redis, accountTag(config.prefix, config.account.id)),
      forgetDays: config.forgetDays,
      store: () => store,
      fallback,
      log,
      now,
    }),
    onVerified: mode.learn,
    onTimeout: countTimeouts(log),
    onMalformed: (body, why) => keepMalformed(redis, config.prefix, config.textDays, { at: now(), why, body }),
    log,
    now,
    ...(tap ? { tap } : {}),
  });

  const middleware: Middleware = (ctx, next) =>
    isPagePath(ctx.path) ? servePage(ctx, store?.pages, log) : takePush(ctx, next);

  return {
    middleware,
    checkSetup: () => Promise.race([opening, sleep(READY_WITHIN)]),
    async isReady() {
      await Promise.race([opening.catch(() => undefined), sleep(READY_WITHIN)]);
      if (wrongSetup) return false;
      if (config.spool === 'always' || !store) return (await fallback?.isWritable()) === true;
      const taken = await Promise.race([takesPushes(store.names), sleep(READY_WITHIN, false)]);
      return taken || (await fallback?.isWritable()) === true;
    },
    async close() {
      await fallback?.close();
      closed.abort();
      await opening.catch(() => undefined);
      await counters.stop();
      store?.nudges?.close();
      await queues.close();
      redis.disconnect();
    },
  };
}

function countTimeouts(log: Logger): () => void {
  const merged = mergeLines();
  return () => merged('', (count) => log.warn({ count, advice: TIMEOUTS_ADVICE }, 'push.timeouts'));
}

const TIMEOUTS_ADVICE =
  'WeChat repeats these pushes, and stops pushing for a minute where there are too many: WXRELAY_MAX_HELD bounds them.';

/** Starts a receiver with a server of its own. */
export async function startReceiver(options: ReceiverOptions): Promise<RunningReceiver> {
  const { config, log } = options;
  if (config.spool !== 'off') checkDataDir(config.dataDir);
  const receiver = createReceiver(options);
  await receiver.checkSetup().catch(async (error) => {
    await receiver.close();
    throw error;
  });
  const router = new Router();
  router.all(config.path, receiver.middleware);
  if (config.publicUrl) router.get(`${PAGE_PATH}:token`, receiver.middleware);
  router.get('/healthz', (ctx) => {
    ctx.body = 'ok';
  });
  router.get('/readyz', async (ctx) => {
    const ready = await receiver.isReady();
    ctx.status = ready ? 200 : 503;
    ctx.body = ready ? 'ready' : 'neither Redis nor the local spool takes pushes: they cannot be kept';
  });
  const app = new Koa();
  logHttpErrors(app, log);
  app.use(router.routes());
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT,
      headersTimeout: REQUEST_TIMEOUT,
      // Node looks only every 30 s by default.
      connectionsCheckingInterval: 2000,
      keepAliveTimeout: 65_000,
    },
    app.callback(),
  );
  const port = await listen(server, config.port, config.host, 'PORT').catch(async (error) => {
    await receiver.close();
    throw error;
  });
  log.info({ port, path: config.path }, 'receiver.ready');

  let stopping: Promise<void> | undefined;
  const stop = async () => {
    log.info('receiver.stopping');
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeIdleConnections();
    await Promise.race([closed, sleep(DRAIN, undefined, { ref: false })]);
    server.closeAllConnections();
    await receiver.close();
    log.info('receiver.stopped');
  };
  return {
    port,
    stop() {
      stopping ??= stop();
      return stopping;
    },
  };
}
