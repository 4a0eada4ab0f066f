import type { Job } from 'bullmq';
import type { Redis } from 'ioredis';
import { partsOf } from '../delivery/parts.ts';
import { toError } from '../errors.ts';
import { queueOf } from '../handlers/check.ts';
import type { AnyHandler, RunContext } from '../handlers/definition.ts';
import { matchFromJson } from '../handlers/route.ts';
import type { Logger } from '../log.ts';
import * as metrics from '../metrics.ts';
import { type AnswerEntry, encodeAnswerEntry, type PushEntry, partId, readPushEntry } from '../store/entries.ts';
import { laneId, userOfKey } from '../store/keys.ts';
import type { Head, Part, Run } from '../store/lanes.ts';
import { DELIVER, type LaneData } from '../store/queues.ts';
import { customerServiceMessage } from '../wechat/customer-service.ts';
import { backoff } from './backoff.ts';
import type { Outcome, Stage } from './lane-runner.ts';
import { runHandler } from './run-handler.ts';

const DEFAULT_TIMEOUT = 600_000;
const DEFAULT_ATTEMPTS = 3;
const LONGEST_PAUSE = 60_000;
/** Runs that died with their process; they are bounded apart, for a deploy may kill a good push several times. */
const MAX_DEATHS = 10;
/** A handler this worker does not know may belong to a deploy under way. */
const STRANGE_PAUSE = 60_000;
const STRANGE_BOUND = 3_600_000;
/** What is sent for a push never overtakes its passive reply, which has left by then or never will. */
const GATE = 5000;

interface Options {
  readonly redis: Redis;
  readonly handlers: readonly AnyHandler[];
  readonly log: Logger;
  /** Aborted at the end of a drain. */
  readonly drained: AbortSignal;
}

/** The first stage: runs a push's handler, and hands its answer on to be delivered. */
export function handleStage(queue: string, options: Options): Stage {
  const handlers = new Map(options.handlers.filter((h) => h.run && queueOf(h) === queue).map((h) => [h.name, h]));
  return {
    queue,
    async work(head, run, job) {
      const entry = readPushEntry(head.json);
      const handler = handlers.get(entry.handler);
      if (!handler) return strange(head, entry, options.log);
      if (head.deaths >= MAX_DEATHS) return dead(handler, `its process died during ${head.deaths} runs`);
      return attempt(handler, head, entry, run, job, options);
    },
  };
}

function strange(head: Head, { handler }: PushEntry, log: Logger): Outcome {
  if (head.strangeFor > STRANGE_BOUND)
    return { kind: 'dead', handler, reason: `no worker has known the handler "${handler}" for an hour` };
  log.error({ key: head.id, handler }, 'handler.unknown');
  return { kind: 'back', pause: STRANGE_PAUSE, counts: 'strange', facts: `no handler "${handler}" in this worker` };
}

async function attempt(
  handler: AnyHandler,
  head: Head,
  entry: PushEntry,
  run: Run,
  job: Job<LaneData>,
  { redis, log, drained }: Options,
): Promise<Outcome> {
  const number = head.tries + head.deaths + 1;
  const facts = { key: head.id, handler: handler.name, attempt: number };
  const shown = show(job, facts);
  const context: Omit<RunContext<unknown, unknown>, 'signal'> = {
    push: entry.push,
    match: matchFromJson(entry.match),
    openid: entry.push.FromUserName,
    account: entry.account,
    key: head.id,
    attempt: number,
    log: log.child(facts),
  };
  const started = Date.now();
  const ended = await runHandler(handler, context, {
    redis,
    run,
    drained,
    timeout: handler.timeout ?? DEFAULT_TIMEOUT,
  });
  const ms = Date.now() - started;
  metrics.runs.inc({ handler: handler.name, outcome: ended.kind });
  metrics.runSeconds.observe(ms / 1000);
  await shown;

  if (ended.kind === 'lost') return { kind: 'lost' };
  if (ended.kind === 'stopped') {
    log.info({ ...facts, ms }, 'run.returned');
    return {
      kind: 'back',
      pause: 0,
      counts: '',
      facts: `${handler.name} stopped after ${ms} ms: this worker shuts down`,
    };
  }
  if (ended.kind === 'failed') {
    const why = toError(ended.error);
    log.error({ ...facts, ms, err: why }, 'run.failed');
    if (head.tries + 1 >= (handler.attempts ?? DEFAULT_ATTEMPTS)) return dead(handler, reasonOf(why));
    const pause = backoff(head.tries, LONGEST_PAUSE);
    const again = `${handler.name} failed after ${ms} ms (${reasonOf(why)}), again in ${(pause / 1000).toFixed(1)} s`;
    return { kind: 'back', pause, counts: 'tries', facts: again };
  }
  try {
    const parts = answerParts(ended.answer, head, entry, handler);
    log.info({ ...facts, ms, parts: parts.length }, 'run.done');
    void job.log(`${handler.name} ran ${ms} ms, attempt ${number}, ${parts.length} part(s)`).catch(() => undefined);
    return {
      kind: 'done',
      facts: `${handler.name} ran ${ms} ms, ${parts.length} part(s)`,
      result: { key: head.id, handler: handler.name, parts: parts.length, ms },
      lane: laneId(DELIVER, userOfKey(head.id)),
      parts,
    };
  } catch (error) {
    log.error({ ...facts, err: toError(error) }, 'run.failed');
    return dead(handler, reasonOf(toError(error)));
  }
}

/** Whoever looks at the job sees whose push it is at work on: facts, never the user's words. */
async function show(job: Job<LaneData>, facts: { key: string; handler: string; attempt: number }): Promise<void> {
  await Promise.all([
    job.updateData({ user: job.data.user, ...facts }),
    job.updateProgress(facts),
    job.log(`${facts.handler} takes ${facts.key}, attempt ${facts.attempt}`),
  ]).catch(() => undefined);
}

/** Throws a TypeError for what WeChat would refuse: better now, with the handler's name, than at every try to send it. */
function answerParts(
  answer: unknown,
  head: Head,
  { account, gated, push }: PushEntry,
  { name, ai }: AnyHandler,
): Part[] {
  const messages = partsOf(answer);
  return messages.map((message, index) => {
    customerServiceMessage(push.FromUserName, message);
    const part: AnswerEntry = {
      ...(gated ? { gate: head.arrivedAt + GATE } : {}),
      account,
      handler: name,
      openid: push.FromUserName,
      of: messages.length,
      ...(ai ? { ai } : {}),
      message,
    };
    return { id: partId(head.id, index), json: encodeAnswerEntry(part) };
  });
}

const dead = (handler: AnyHandler, reason: string): Outcome => ({ kind: 'dead', handler: handler.name, reason });

const reasonOf = ({ name, message }: Error) => `${name}: ${message}`.slice(0, 200).replaceAll('\n', ' ');
