// The API side: what api.weixin.qq.com answers, as far as wxrelay asks it.
import Router from '@koa/router';
import type { Context, Middleware } from 'koa';
import { createSession, listOnline } from './agents.ts';
import { playFaults } from './api-faults.ts';
import { answerRefusals, checkToken, Refused, readJson } from './api-request.ts';
import { checkMessage, type Json, notesOn } from './custom-message.ts';
import { errorAnswer } from './errcodes.ts';
import { SEND_PATH } from './faults.ts';
import { downloadMedia, isGone, uploadMedia } from './media.ts';
import { shortened, type World } from './world.ts';

export function apiRouter(world: World): Router {
  const router = new Router();
  router.use(labelled, playFaults(world), answerRefusals);
  router.all('/cgi-bin/token', async (ctx) => fetchLegacyToken(world, ctx));
  router.all('/cgi-bin/stable_token', async (ctx) => fetchStableToken(world, ctx));
  router.all(SEND_PATH, async (ctx) => sendMessage(world, ctx));
  router.all('/cgi-bin/message/custom/typing', async (ctx) => sendTyping(world, ctx));
  router.all('/cgi-bin/media/upload', async (ctx) => uploadMedia(world, ctx));
  router.all('/cgi-bin/media/get', (ctx) => downloadMedia(world, ctx));
  router.all('/cgi-bin/customservice/getonlinekflist', (ctx) => listOnline(world, ctx));
  router.all('/customservice/kfsession/create', async (ctx) => createSession(world, ctx));
  for (const root of ['/cgi-bin', '/customservice'])
    router.all(`${root}/{*path}`, () => {
      throw new Refused(40066);
    });
  return router;
}

/** WeChat's labels are of no use to a client: "encoding" is no parameter of JSON, and some endpoints send text/plain. */
const labelled: Middleware = async (ctx, next) => {
  await next();
  if (ctx.type !== 'text/html' && !Buffer.isBuffer(ctx.body)) {
    ctx.set('Content-Type', ctx.path.endsWith('/typing') ? 'text/plain' : 'application/json; encoding=utf-8');
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
  const fault = world.faults.take(SEND_PATH, openid);
  const errcode =
    world.followers.get(openid) === undefined
      ? 40003
      : fault?.errcode ||
        checkMessage(body) ||
        (mediaOf(body).some((id) => isGone(world, id)) ? 40007 : world.followers.send(openid));
  const answer = errorAnswer(errcode);
  const record = { id: world.nextId(), at: Date.now(), openid, body, ...answer, notes: notesOn(body, raw) };
  world.messages.add(record);
  world.changes.emit('change', { kind: 'message', record });
  world.options.log?.('message.received', { openid: shortened(openid), errcode });
  ctx.body = answer;
}

function mediaOf(body: Json): string[] {
  const part = body[String(body['msgtype'])] as Json;
  return ['media_id', 'thumb_media_id'].flatMap((name) => (typeof part[name] === 'string' ? [part[name]] : []));
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
