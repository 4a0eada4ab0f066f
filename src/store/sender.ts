// Sending to a user from any program that reaches this Redis: no push, no handler, and no worker has to be alive.
import { createHash, randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Config } from '../config.ts';
import { piecesOf } from '../delivery/parts.ts';
import type { Message } from '../wechat/message.ts';
import { connectTool } from './connection.ts';
import { encodeAnswerEntry, partId } from './entries.ts';
import { type Fate, fateOf } from './fate.ts';
import { openInstallation } from './installation.ts';
import { keepMedia } from './keep-media.ts';
import { laneId, type Names, type PushKey, pushKey } from './keys.ts';
import type { Part } from './lanes.ts';
import { DELIVER, openQueues, type Queues } from './queues.ts';
import { runScript } from './scripts.ts';

export interface SendOptions {
  /** Names what is sent: a second send to the same user with this id within 7 days does nothing. Default: a random one. */
  readonly id?: string;
  /** Texts are Markdown, and become text for a chat. Default false. */
  readonly markdown?: boolean;
  /** Marks it as made by a model, as Chinese law asks. Default false. */
  readonly ai?: boolean;
}

/** What became of a send. */
export interface Queued {
  /** Names it in logs, in `wxrelay trace`, and in the monitor. */
  readonly key: string;
  /** False where its id was taken before: then nothing was done. */
  readonly isNew: boolean;
}

export interface Sender {
  /**
   * Leaves a message for a user in the outbound lane, behind what waits there; a worker sends it. Whatever holds for an answer
   * holds for it: limits, retries, pages, and that it waits for the user to write where WeChat does not let us send.
   * Throws a TypeError for what WeChat would refuse.
   * @param answer a text, a message, or a list of them
   */
  send(
    openid: string,
    answer: string | Message | readonly (string | Message)[],
    options?: SendOptions,
  ): Promise<Queued>;
  /** What has become of it by now: WeChat may refuse it, as it does where nobody of this openid follows the account (40003). */
  fateOf(key: string): Promise<Fate>;
  close(): Promise<void>;
}

export interface SenderOptions {
  readonly redisUrl: string;
  /** The AppID; `default` where none is configured. */
  readonly account: string;
  /** As WXRELAY_PREFIX. Default `wxrelay`. */
  readonly prefix?: string;
  /** As WXRELAY_PARTITIONS. Default 1. */
  readonly partitions?: number;
  /** What is wrong with the connection; while it is away, sends wait for it; what Redis refuses rejects. Default: nobody is told. */
  readonly onError?: (error: Error) => void;
}

/** A way to send to users from a program of one's own, such as a cron job. Rejects with a ConfigError for wrong partitions. */
export async function createSender(options: SenderOptions): Promise<Sender> {
  const { redisUrl, account, prefix = 'wxrelay', partitions = 1, onError = () => undefined } = options;
  const redis = connectTool(redisUrl, onError);
  const queues = openQueues(redis);
  const close = async () => {
    await queues.close();
    redis.disconnect();
  };
  try {
    const names = await openInstallation(redis, prefix, partitions, account);
    return {
      send: (openid, answer, how) => queueSend({ redis, queues, names, account }, openid, answer, how),
      fateOf: (key) => fateOf(redis, names, key),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Sending over a connection that a process has; each send looks whether the installation is the expected one, until it was once. */
export function openOutbox(redis: Redis, { prefix, partitions, account }: Config) {
  const queues = openQueues(redis);
  let names: Names | undefined;
  const open = async () => {
    names ??= await openInstallation(redis, prefix, partitions, account.id);
    return names;
  };
  return {
    async send(openid: string, answer: unknown, options: SendOptions): Promise<Queued> {
      return queueSend({ redis, queues, names: await open(), account: account.id }, openid, answer, options);
    },
    fateOf: async (key: string) => fateOf(redis, await open(), key),
    close: () => queues.close(),
  };
}

/** Seconds for which an id is remembered. */
const ID_TTL = 7 * 86_400;
/** What stands for a handler in its trace. */
const HANDLER = 'send';

interface Store {
  readonly redis: Redis;
  readonly queues: Queues;
  readonly names: Names;
  readonly account: string;
}

async function queueSend(
  { redis, queues, names, account }: Store,
  openid: string,
  answer: unknown,
  { id = randomUUID(), markdown = false, ai = false }: SendOptions = {},
): Promise<Queued> {
  if (typeof openid !== 'string' || !/^[\w-]{6,64}$/.test(openid)) throw new TypeError('The openid is not one.');
  if (typeof id !== 'string' || id === '') throw new TypeError('The id of a send is a text.');
  const pieces = piecesOf(answer, { markdown });
  if (pieces.length === 0) throw new TypeError('There is nothing to send: the answer is empty.');
  const user = names.userId(account, openid);
  const tag = names.tagOf(user);
  const key: PushKey = pushKey(user, createHash('sha256').update(`send\n${id}`).digest('base64url').slice(0, 12));
  // So that a repeat leaves no files behind.
  if ((await redis.exists(`${tag}:claim:${key}`)) === 1) return { key, isNew: false };
  const parts: Part[] = await Promise.all(
    pieces.map(async ({ message, markdown: source, pictures }, index) => {
      const name = partId(key, `${index}`);
      const common = { account, handler: HANDLER, openid, of: pieces.length, ...(ai ? { ai } : {}) };
      const kept = { ...(pictures ? { pictures } : {}), ...(await keepMedia(message, redis, tag, name)) };
      return {
        id: name,
        json: encodeAnswerEntry({ ...common, ...(source === undefined ? {} : { markdown: source }), ...kept }),
      };
    }),
  );
  const [isNew, wake] = await runScript<[number, string]>(
    redis,
    'send',
    [tag],
    [
      key,
      laneId(DELIVER, user),
      randomUUID(),
      ID_TTL,
      `to be sent: ${parts.length} part(s)`,
      ...parts.flatMap((p) => [p.id, p.json]),
    ],
  );
  // It is durable; a wake-up that is lost is the sweeper's business.
  if (wake) await queues.startLanes(tag, [wake]).catch(() => undefined);
  return { key, isNew: isNew === 1 };
}
