// Plays the ordered faults on the API side, and counts every call and what it was answered.
import { setTimeout as delay } from 'node:timers/promises';
import type { Context, Middleware } from 'koa';
import { errorAnswer } from './errcodes.ts';
import type { Fault } from './faults.ts';
import type { CallCount, World } from './world.ts';

const GATEWAY_HTML =
  '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n';
const MAX_PATHS = 100;

export function playFaults(world: World): Middleware {
  return async (ctx, next) => {
    const fault = world.faults.take(ctx.path);
    const count = countOf(world, ctx.path);
    count.total += 1;
    if (fault === undefined) await next();
    else await play(fault, ctx, next, world.closing.signal);
    const answer = answered(ctx, fault);
    count.answers[answer] = (count.answers[answer] ?? 0) + 1;
  };
}

async function play(fault: Fault, ctx: Context, next: () => Promise<void>, closing: AbortSignal): Promise<void> {
  const { errcode, status, cut = false, delayMs = 0 } = fault;
  if (fault.effect ?? (errcode === undefined && status === undefined)) await next();
  if (delayMs > 0) await delay(delayMs, undefined, { signal: closing });
  if (errcode !== undefined) {
    ctx.body = errorAnswer(errcode, fault.errmsg);
  }
  if (status !== undefined) {
    ctx.status = status;
    ctx.type = 'text/html';
    ctx.body = GATEWAY_HTML;
  }
  if (cut) cutOff(ctx);
}

/** Promises a whole body, sends half of it and drops the connection. */
function cutOff(ctx: Context): void {
  const body = Buffer.from(typeof ctx.body === 'string' ? ctx.body : JSON.stringify(ctx.body ?? errorAnswer(0)));
  ctx.respond = false;
  ctx.res.writeHead(200, { 'content-type': 'application/json; encoding=utf-8', 'content-length': body.length });
  ctx.res.write(body.subarray(0, Math.ceil(body.length / 2)), () => ctx.req.socket.destroy());
}

function answered(ctx: Context, fault: Fault | undefined): string {
  if (fault?.cut === true) return 'cut';
  if (fault?.status !== undefined) return `http ${fault.status}`;
  const { errcode = 0 } = (ctx.body ?? {}) as { errcode?: number };
  return String(errcode);
}

/** Paths that nobody serves are counted together once there are many of them. */
function countOf({ calls }: World, path: string): CallCount {
  const name = path in calls || Object.keys(calls).length < MAX_PATHS ? path : 'other';
  calls[name] ??= { total: 0, answers: {} };
  return calls[name];
}
