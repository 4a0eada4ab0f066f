// Human agents (客服): who is online, and who talks to whom.
import type { Context } from 'koa';
import { checkToken, Refused, readJson } from './api-request.ts';
import { errorAnswer } from './errcodes.ts';
import type { World } from './world.ts';

export function listOnline(world: World, ctx: Context): void {
  checkToken(world, ctx);
  ctx.body = {
    kf_online_list: world.agents.map((kf_account, index) => ({
      kf_account,
      status: 1,
      kf_id: String(1001 + index),
      accepted_case: world.sessions.filter((session) => session.kf_account === kf_account).length,
    })),
  };
}

export async function createSession(world: World, ctx: Context): Promise<void> {
  checkToken(world, ctx);
  const { body } = await readJson(ctx);
  const { kf_account, openid } = body;
  if (typeof kf_account !== 'string' || typeof openid !== 'string') throw new Refused(65416);
  if (!world.agents.includes(kf_account)) throw new Refused(65415);
  const session = world.sessions.find((one) => one.openid === openid);
  if (session && session.kf_account !== kf_account) throw new Refused(65414);
  if (!session) world.sessions.push({ openid, kf_account });
  ctx.body = errorAnswer(0);
}
