// The least that brings a text to a user through a queue: a BullMQ job and an HTTP POST. No order, no record, no retry.
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { Pool } from 'undici';

const { REDIS_URL, API_URL, JOBS, REQUESTS } = process.env;
const api = new Pool(API_URL, { connections: Number(REQUESTS) });

async function send({ data: { FromUserName, Content } }) {
  const body = JSON.stringify({ touser: FromUserName, msgtype: 'text', text: { content: `收到：${Content}` } });
  const response = await api.request({
    method: 'POST',
    path: '/cgi-bin/message/custom/send?access_token=bench-access-token',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body,
  });
  const { errcode } = await response.body.json();
  if (errcode !== 0) throw new Error(`errcode ${errcode}`);
}

const worker = new Worker('push', send, {
  connection: new Redis(REDIS_URL, { maxRetriesPerRequest: null }),
  concurrency: Number(JOBS),
  removeOnComplete: { count: 2000 },
});
await worker.waitUntilReady();
process.on('disconnect', () => process.exit());
process.on('SIGTERM', () => process.exit());
process.send({ phase: 'ready' });
