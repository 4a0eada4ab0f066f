// One row's world: a Redis of its own, an API that watches, the processes of wxrelay, and the verdict at the end.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, inject, type TestContext } from 'vitest';
import { createRedisServer, type RedisServer } from '../helpers/redis-server.ts';
import { createWorld, type World } from '../helpers/world.ts';
import { type ApiServer, startApi } from './api.ts';
import { type Figures, figuresOf } from './figures.ts';
import { type Load, type LoadOptions, startLoad } from './load.ts';
import { noteRow, type Row } from './report.ts';

/** Rows wait for locks to lapse and for outages to end. Milliseconds. */
export const row = (name: string, body: () => void) =>
  describe.skipIf(!inject('realRedis'))(name, { timeout: 400_000 }, body);

/** What every row promises but the ninth. */
export const KEPT = { lost: 0, outOfOrder: 0, timedOut: 0 };

export interface Site {
  readonly server: RedisServer;
  readonly world: World;
  readonly api: ApiServer;
  /** The directory of the spool. */
  readonly spool: string;
  /** Begins the name of every key of a user of the first partition. */
  readonly tag: string;
  /** From now on all may recover; without a call the fault ends with the load. */
  faultEnds(): void;
  /** Starts the load that the verdict is about. */
  load(options: Omit<LoadOptions, 'receiverUrl'> & { receiverUrl?: string }): Load;
  /** Sends begun and not recorded as done, by Redis: what a kill now may leave in doubt. */
  sendsUnderWay(): Promise<number>;
  /**
   * Ends the load, waits until all that was acked is answered and nothing is left to do, and notes the row in the table.
   * `listed`: what waits for a person counts as kept, not as lost.
   */
  verdict(fault: string, options?: { within?: number; listed?: boolean }): Promise<Row>;
}

interface Options {
  /** Redis's own flags. */
  readonly redis?: readonly string[];
  readonly env?: Record<string, string>;
  /** Where all find Redis, if not directly. */
  readonly redisUrl?: (server: RedisServer) => Promise<string>;
}

const RECOVERY = 90_000;
const LOOK = 200;

export async function createSite(t: TestContext, options: Options = {}): Promise<Site> {
  const data = mkdtempSync(join(tmpdir(), 'wxrelay-data-'));
  t.onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const server = await createRedisServer(options.redis);
  t.onTestFinished(() => server.close());
  const api = await startApi();
  t.onTestFinished(() => api.close());
  const world = await createWorld({
    redisUrl: (await options.redisUrl?.(server)) ?? server.url,
    handlers: new URL('./handlers.mjs', import.meta.url).pathname,
    env: {
      WECHAT_API_BASE_URL: api.url,
      WXRELAY_DATA_DIR: data,
      ...options.env,
    },
  });
  t.onTestFinished(() => world.close());
  const tag = `{${world.env['WXRELAY_PREFIX']}:0}`;
  /** Of whatever partition, as a pattern. */
  const any = tag.replace('0}', '?}');
  let load: Load | undefined;
  let endedAt: number | undefined;

  const valuesOf = async <T>(pattern: string, read: (key: string) => Promise<T>): Promise<T[]> =>
    Promise.all((await world.redis.keys(pattern)).map(read));

  const stepsInDoubt = async () => {
    const traces = await valuesOf(`${any}:trace:*`, (key) => world.redis.lrange(key, 0, -1));
    const steps = traces.flat().filter((step) => /in doubt|may have arrived/.test(step));
    return new Set(steps.map((step) => step.split(' ')[1]?.split('~')[0]));
  };

  /** Pushes and answers that were given up on and wait in `dead`, by user and number. */
  const listed = async () => {
    const entries = await valuesOf(`${any}:buried:*`, (key) => world.redis.get(key));
    return new Set(entries.flatMap((entry) => (entry ? [nameOf(entry)] : [])));
  };

  const now = async (count: boolean): Promise<Figures> =>
    figuresOf({
      sayings: load?.sayings ?? [],
      receipts: api.receipts,
      endedAt: endedAt ?? Date.now(),
      ...(count ? { listed: await listed() } : {}),
    });

  return {
    server,
    world,
    api,
    spool: join(data, 'spool'),
    tag,
    faultEnds() {
      endedAt = Date.now();
    },
    load(loadOptions) {
      load = startLoad({ receiverUrl: world.receiverUrl, ...loadOptions });
      t.onTestFinished(() => load?.stop());
      return load;
    },
    async sendsUnderWay() {
      const sending = await valuesOf(`${any}:state:deliver:*`, (key) => world.redis.hget(key, 'sending'));
      return sending.filter(Boolean).length;
    },
    async verdict(fault, { within = RECOVERY, listed: counted = false } = {}) {
      endedAt ??= Date.now();
      await load?.stop();
      const deadline = Date.now() + within;
      const isDone = async () =>
        (await now(counted)).lost === 0 && (await world.redis.keys(`${any}:oldest`)).length === 0;
      while (Date.now() < deadline && !(await isDone())) await sleep(LOOK);
      const verdict = { fault, ...(await now(counted)), inDoubt: (await stepsInDoubt()).size };
      noteRow(inject('report'), verdict);
      const left = await remains(world, any);
      if (left.length > 0) throw new Error(`${fault} leaves lanes behind:\n${left.join('\n')}`);
      return verdict;
    },
  };
}

/** Lanes that stand still, a line each: all that Redis knows of a few of them. */
async function remains({ redis }: World, tags: string): Promise<string[]> {
  const indexes = await redis.keys(`${tags}:oldest`);
  const lanes = await Promise.all(
    indexes.map((key) =>
      redis.zrange(key, 0, '4').then((list) => list.map((lane) => ({ tag: key.slice(0, -7), lane }))),
    ),
  );
  return Promise.all(
    lanes.flat().map(async ({ tag, lane }) => {
      const [queue, user] = [lane.slice(0, lane.lastIndexOf(':')), lane.slice(lane.lastIndexOf(':') + 1)];
      const job = await redis.get(`${tag}:${queue}:de:${user}`);
      const facts = {
        now: Date.now(),
        entries: await redis.llen(`${tag}:lane:${lane}`),
        state: await redis.hgetall(`${tag}:state:${lane}`),
        check: await redis.zscore(`${tag}:check`, lane),
        job,
        hash: job && (await redis.hgetall(`${tag}:${queue}:${job}`)),
        lock: job && (await redis.pttl(`${tag}:${queue}:${job}:lock`)),
        active: job && (await redis.lpos(`${tag}:${queue}:active`, job)),
        waiting: job && (await redis.lpos(`${tag}:${queue}:wait`, job)),
        delayed: job && (await redis.zscore(`${tag}:${queue}:delayed`, job)),
        trace: await redis.lrange(`${tag}:trace:${user}`, -6, -1),
      };
      return `${lane} ${JSON.stringify(facts)}`;
    }),
  );
}

/** `<lane>|<arrival>|<id>|<json>`, whose json is a push with its text, or an answer with its. */
function nameOf(entry: string): string {
  const json = JSON.parse(entry.slice(entry.indexOf('{')));
  const openid = json.openid ?? json.push.FromUserName;
  const text = json.message?.content ?? json.push?.Content;
  return `${openid} ${Number(/\bn(\d+)/.exec(text)?.[1])}`;
}
