import type { WeChat } from '../api/client.ts';
import type { Transfer } from '../wechat/message.ts';

/** Nobody is there to take the user. */
export class NobodyOnlineError extends Error {
  override name = 'NobodyOnlineError' as const;

  constructor() {
    super('no customer-service agent is online');
  }
}

/**
 * Hands a user to a human agent: the one that is named, else the one who is online and talks to the fewest. Returns whom.
 * Throws `NobodyOnlineError`, and ApiError where WeChat refuses.
 */
export async function handOver(wechat: WeChat, openid: string, { kfAccount }: Transfer): Promise<string> {
  const agent = kfAccount ?? (await leastBusy(wechat));
  await wechat.customerService.createSession(agent, openid);
  return agent;
}

async function leastBusy(wechat: WeChat): Promise<string> {
  const { kf_online_list: online } = await wechat.customerService.listOnline();
  const [agent] = [...online].sort((a, b) => a.accepted_case - b.accepted_case);
  if (!agent) throw new NobodyOnlineError();
  return agent.kf_account;
}
