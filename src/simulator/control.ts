// The control API under /simulator/: for the chat page, for tests, and for curious people.
import Router from '@koa/router';
import type { Context } from 'koa';
import { act, readActRequest } from './act.ts';
import { readBody } from './body.ts';
import { isObject, type Json } from './custom-message.ts';
import { streamEvents } from './events.ts';
import { readFault } from './faults.ts';
import { showMedia } from './media.ts';
import { readState } from './state.ts';
import { verifyReceiver } from './verify.ts';
import type { World } from './world.ts';

const MAX_BODY_BYTES = 1024 * 1024;

export function controlRouter(world: World): Router {
  const router = new Router({ prefix: '/simulator' });
  router.get('/state', (ctx) => {
    ctx.body = readState(world, ctx.URL.searchParams.get('openid') ?? undefined);
  });
  router.get('/events', (ctx) => streamEvents(world, ctx));
  router.get('/media/:id', (ctx) => showMedia(world, ctx, String(ctx.params['id'])));
  router.post('/push', async (ctx) => {
    const request = await wellFormed(ctx, readActRequest);
    ctx.body = await act(world, request);
  });
  router.post('/verify', async (ctx) => {
    ctx.body = await verifyReceiver(world.options.receiverUrl, world.options.token, world.options.timeoutMs);
  });
  router.post('/token/revoke', (ctx) => {
    world.tokens.revoke();
    ctx.body = { revoked: true };
  });
  router.post('/settings', async (ctx) => {
    const settings = await wellFormed(ctx, readSettings);
    const { aheadMs, ...tokenSettings } = settings;
    Object.assign(world.tokens.settings, tokenSettings);
    if (aheadMs !== undefined) world.clock.aheadMs = aheadMs;
    ctx.body = { ...world.tokens.settings, ...world.clock };
  });
  router.post('/fault', async (ctx) => {
    world.faults.add(await wellFormed(ctx, readFault));
    ctx.body = { faults: world.faults.list() };
  });
  router.delete('/fault', (ctx) => {
    world.faults.clear();
    ctx.body = { faults: [] };
  });
  return router;
}

interface Settings {
  tokenOverlap?: boolean;
  tokenSeconds?: number;
  /** How far windows and tokens have aged beyond the real time. */
  aheadMs?: number;
}

function readSettings(value: Json): Settings {
  const kinds: Json = { tokenOverlap: 'boolean', tokenSeconds: 'number', aheadMs: 'number' };
  for (const [name, field] of Object.entries(value)) {
    if (!Object.hasOwn(kinds, name))
      throw new Error(`no setting "${name}"; there are: ${Object.keys(kinds).join(', ')}`);
    if (typeof field !== kinds[name]) throw new Error(`"${name}" has to be a ${kinds[name]}`);
  }
  return value;
}

/** The JSON of a request through its reader; what is wrong with it is answered as a 400. */
async function wellFormed<T>(ctx: Context, read: (value: Json) => T): Promise<T> {
  try {
    const value: unknown = JSON.parse((await readBody(ctx.req, MAX_BODY_BYTES)).toString());
    if (!isObject(value)) throw new Error('the body has to be a JSON object');
    return read(value);
  } catch (error) {
    ctx.throw(400, (error as Error).message, { expose: true });
  }
}
