import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { BeforeHook, QueueJobJson } from '@bull-board/api/typings/app';
import { KoaAdapter } from '@bull-board/koa';
import type { Middleware } from 'koa';
import type { Logger } from '../log.ts';
import type { Names } from '../store/keys.ts';
import { allQueueNames, DEAD, DELIVER, type LaneData, type Queues } from '../store/queues.ts';

export const BOARD_PATH = '/queues';

interface Options {
  readonly queues: Queues;
  readonly names: Names;
  readonly handlerQueues: readonly string[];
  readonly log: Logger;
}

/** Each queue of each partition in bull-board. */
export function createBoard({ queues, names, handlerQueues, log }: Options): Middleware {
  const serverAdapter = new KoaAdapter().setBasePath(BOARD_PATH);
  const tags = names.tags();
  createBullBoard({
    queues: allQueueNames(handlerQueues).flatMap((name) =>
      tags.map((tag, partition) => showQueue(queues, tag, name, tags.length > 1 ? partition : undefined)),
    ),
    serverAdapter,
    options: {
      uiConfig: { boardTitle: 'wxrelay', hideDocsLink: true },
      handlerHooks: { before: onlyHarmless(log) },
    },
  });
  return serverAdapter.registerPlugin();
}

/** The prefix tells queues of one name apart in bull-board's addresses. */
function showQueue(queues: Queues, tag: string, name: string, partition: number | undefined): BullMQAdapter {
  const inPartition =
    partition === undefined ? {} : { prefix: `${partition}.`, displayName: `${name} · partition ${partition}` };
  const adapter = new BullMQAdapter(queues.get(tag, name), { description: describe(name), ...inPartition });
  adapter.setFormatter('name', nameOf);
  return adapter;
}

function describe(queue: string): string {
  if (queue === DEAD)
    return 'One failed job for each push that was given up on, with its trace as the log. Retry puts it back at the end of its user’s lane.';
  const what = queue === DELIVER ? 'answers' : 'pushes';
  return `One job is one user’s turn at their lane of ${what}, and ends after 100 ms of work: “waiting” counts users. Retry only looks at the lane again.`;
}

/** What was over soon says it in its result alone. */
const nameOf = ({ name, data, returnvalue }: QueueJobJson & { data: Partial<LaneData> }) => {
  const [result] = [returnvalue].flat() as (Partial<LaneData> | null)[];
  const { handler, key } = data.key ? data : (result ?? {});
  return handler && key ? `${handler} · ${key}` : name;
};

/**
 * What may be done to queues here: the lanes are the truth and the jobs their wake-ups, so none of these loses or doubles
 * anything. A dead push that was cleaned away, though, could never be retried.
 */
const HARMLESS = new Set([
  '/api/queues/:queueName/:jobId/retry',
  '/api/queues/:queueName/retry/:queueStatus',
  '/api/queues/:queueName/pause',
  '/api/queues/:queueName/resume',
  '/api/queues/pause',
  '/api/queues/resume',
]);

/** bull-board's own switch, `readOnlyMode`, would take Retry away with all the rest. */
const onlyHarmless =
  (log: Logger): BeforeHook =>
  ({ method, route, request }) => {
    if (method === 'get') return { allow: true };
    if (!HARMLESS.has(route))
      return {
        allow: false,
        status: 403,
        message: 'wxrelay allows only Retry, Pause and Resume: the rest could lose pushes.',
      };
    log.info({ action: route, ...request.params }, 'monitor.action');
    return { allow: true };
  };
