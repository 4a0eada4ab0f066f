// The API side: what api.weixin.qq.com answers, as far as wxrelay asks it.
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { playFaults } from './api-faults.ts';
import { readBody } from './body.ts';
import { checkMessage, isObject, type Json, notesOn } from './custom-message.ts';
import { errorAnswer } from './errcodes.ts';
import { shortened, type World } from './world.ts';

const MAX_BODY_BYTES = 256 * 1024;

/** An errcode to answer instead. */
class Refused extends Error {
  override name = 'Refused' as const;
  errcode: number;
  constructor(errcode: number) {
    super(`errcode ${errcode}`);
    this.errcode = errcode;
  }
}

export function apiRouter(world: World): Router {
  const router = new Router({ prefix: '/cgi-bin' });
  router.use(labelled, playFaults(world), answerRefusals);
  router.all('/token', async (ctx) => fetchLegacyToken(world, ctx));
  router.all('/stable_token', async (ctx) => fetchStableToken(world, ctx));
  router.all('/message/custom/send', async (ctx) => sendMessage(world, ctx));
  router.all('/message/custom/typing', async (ctx) => sendTyping(world, ctx));
  router.all('/{*path}', () => {
    throw new Refused(40066);
  });
  return router;
}

/** WeChat's labels are of no use to a client: "encoding" is no parameter of JSON, and some endpoints send text/plain. */
const labelled: Middleware = async (ctx, next) => {
  await next();
  if (ctx.type !== 'text/html') {
    ctx.set('Content-Type', ctx.path.endsWith('/typing') ? 'text/plain' : 'application/json; encoding=utf-8');
  }
};

const answerRefusals: Middleware = async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    ctx.body = errorAnswer(error.errcode);
  }
};

function fetchLegacyToken(world: World, ctx: Context): void {
  if (ctx.method !== 'GET') throw new Refused(43001);
  const { grant_type, appid, secret } = ctx.query;
  checkCredentials(world, { grant_type, appid, secret });
  ctx.body = world.tokens.legacy();
  world.options.log?.('token.fetched', { endpoint: 'token' });
}

async function fetchStableToken(world: World, ctx: Context): Promise<void> {
  const { body } = await readJson(ctx);
  checkCredentials(world, body);
  const answer = world.tokens.stable(body['force_refresh'] === true);
  if (answer === undefined) throw new Refused(45009);
  ctx.body = answer;
  world.options.log?.('token.fetched', { endpoint: 'stable_token' });
}

function checkCredentials({ options }: World, given: Json): void {
  if (given['grant_type'] !== 'client_credential') throw new Refused(40002);
  if (!given['appid']) throw new Refused(41002);
  if (!given['secret']) throw new Refused(41004);
  if (given['appid'] !== options.appId) throw new Refused(40013);
  if (given['secret'] !== options.appSecret) throw new Refused(40125);
}

async function sendMessage(world: World, ctx: Context): Promise<void> {
  checkToken(world, ctx);
  const { body, raw } = await readJson(ctx);
  const openid = typeof body['touser'] === 'string' ? body['touser'] : '';
  checkVerified(world);
  const errcode =
    world.followers.get(openid) === undefined ? 40003 : checkMessage(body) || world.followers.send(openid);
  const answer = errorAnswer(errcode);
  const record = { id: world.nextId(), at: Date.now(), openid, body, ...answer, notes: notesOn(raw) };
  world.messages.add(record);
  world.changes.emit('change', { kind: 'message', record });
  world.options.log?.('message.received', { openid: shortened(openid), errcode });
  ctx.body = answer;
}

async function sendTyping(world: World, ctx: Context): Promise<void> {
  checkToken(world, ctx);
  checkVerified(world);
  const { body } = await readJson(ctx);
  const { touser, command } = body;
  if (command !== 'Typing' && command !== 'CancelTyping') throw new Refused(45072);
  ctx.body = errorAnswer(world.followers.typing(String(touser), command === 'Typing'));
}

/** Customer-service messages are for verified accounts. */
function checkVerified({ options }: World): void {
  if (options.verified === false) throw new Refused(48001);
}

function checkToken(world: World, ctx: Context): void {
  const errcode = world.tokens.check(ctx.URL.searchParams.get('access_token'));
  if (errcode !== 0) throw new Refused(errcode);
}

async function readJson(ctx: Context): Promise<{ body: Json; raw: string }> {
  if (ctx.method !== 'POST') throw new Refused(43002);
  const bytes = await readBody(ctx.req, MAX_BODY_BYTES).catch(() => {
    throw new Refused(45002);
  });
  if (bytes.length === 0) throw new Refused(44002);
  const raw = decoded(bytes);
  const body = parsed(raw);
  if (!isObject(body)) throw new Refused(47001);
  return { body, raw };
}

function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Refused(40033);
  }
}

function parsed(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    throw new Refused(47001);
  }
}
