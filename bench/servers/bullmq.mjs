// What people write to move slow work out of the five seconds: one BullMQ job for each push.
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import Koa from 'koa';
import { isSigned, parse, readBody } from './by-hand.mjs';
import { serve } from './serve.mjs';

const connection = new Redis(process.env.REDIS_URL, { maxRetriesPerRequest: null });
const queue = new Queue('push', { connection });

const app = new Koa();
app.use(async (ctx) => {
  if (!isSigned(ctx.query)) ctx.throw(401);
  const push = parse(await readBody(ctx.req));
  await queue.add('push', push, { jobId: `m-${push.MsgId}`, removeOnComplete: true });
  ctx.body = 'success';
});
await queue.waitUntilReady();
serve(app);
