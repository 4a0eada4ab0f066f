import { fileURLToPath } from 'node:url';
import { account } from '../lib/account.mjs';
import { startChild } from '../lib/child.mjs';
import { startWxrelay, TAG } from '../lib/wxrelay.mjs';

const serverFile = (name) => fileURLToPath(new URL(`../servers/${name}.mjs`, import.meta.url));

const server = (file) => (context) =>
  startChild([serverFile(file)], { ...context, env: { REDIS_URL: context.redisUrl } });

export const receiver = (handlers, options) => (context) =>
  startWxrelay('receiver', { ...context, handlers, ...options });

const safe = { WECHAT_ENCRYPTION: 'safe', WECHAT_ENCODING_AES_KEY: account.encodingAESKey };

/** How many users have work waiting; with one push for each, that is how many pushes were kept. */
const waitingLanes = (redis) => redis.zcard(`${TAG}:oldest`);
const waitingJobs = (redis) => redis.llen('bull:push:wait');

/**
 * What is measured, in the order of the table. `kept` counts what is durable, to be compared with what was acknowledged.
 */
export const targets = [
  { id: 'koa', title: 'bare Koa', start: server('koa') },
  { id: 'verify-parse', title: 'Koa + verify + parse', start: server('verify-parse') },
  { id: 'co-wechat', title: 'co-wechat, echo', start: server('co-wechat') },
  { id: 'bullmq', title: 'Koa + verify + parse + queue.add', start: server('bullmq'), kept: waitingJobs },
  { id: 'run', title: 'wxrelay, durable', start: receiver('run'), kept: waitingLanes },
  {
    id: 'run-debug',
    title: 'wxrelay, durable, LOG_LEVEL=debug',
    start: receiver('run', { env: { LOG_LEVEL: 'debug' } }),
    kept: waitingLanes,
  },
  {
    id: 'safe',
    title: 'wxrelay, durable, safe mode',
    start: receiver('run', { env: safe }),
    kept: waitingLanes,
    encrypted: true,
  },
  { id: 'reply-value', title: 'wxrelay, quick reply (value)', start: receiver('reply-value') },
  { id: 'reply-function', title: 'wxrelay, quick reply (function), echo', start: receiver('reply-function') },
];
