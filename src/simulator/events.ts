// Live updates of the chat page: the whole history of one follower on connect, then every change, as Server-Sent Events.
import { PassThrough } from 'node:stream';
import type { Context } from 'koa';
import { readState, viewOf } from './state.ts';
import type { Change, World } from './world.ts';

const HEARTBEAT_MS = 15_000;

export function streamEvents(world: World, ctx: Context): void {
  const openid = ctx.URL.searchParams.get('openid') || world.openid;
  world.followers.meet(openid);
  const stream = new PassThrough();
  const send = (event: string, data: unknown): void => {
    stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const onChange = ({ kind, record }: Change): void => {
    if (record.openid === openid) send(kind, kind === 'follower' ? viewOf(world, record) : record);
  };
  // Gone-away browsers are noticed only by writing to them.
  const heartbeat = setInterval(() => stream.write(': here\n\n'), HEARTBEAT_MS);
  const end = (): void => {
    clearInterval(heartbeat);
    world.changes.off('change', onChange);
    stream.end();
  };
  world.changes.on('change', onChange);
  world.closing.signal.addEventListener('abort', end, { once: true });
  ctx.res.once('close', () => {
    world.closing.signal.removeEventListener('abort', end);
    end();
  });
  ctx.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no' });
  stream.write('retry: 1000\n\n');
  const state = readState(world, openid);
  send('history', { ...state, openid, others: world.followers.list().map((follower) => follower.openid) });
  ctx.body = stream;
}
