import type { WeChat } from '../api/client.ts';
import type { ApiError } from '../api/errors.ts';
import type { Logger } from '../log.ts';
import type { AnswerEntry } from '../store/entries.ts';
import type { Head, Run } from '../store/lanes.ts';
import type { Transfer } from '../wechat/message.ts';
import { sorryForPart } from './answer.ts';
import type { Outcome } from './stage.ts';

/** Nobody is there to take the user. */
class NobodyOnlineError extends Error {
  override name = 'NobodyOnlineError' as const;

  constructor() {
    super('no customer-service agent is online');
  }
}

/**
 * Hands a user to a human agent: the one that is named, else the one who is online and talks to the fewest. Returns whom.
 * Throws `NobodyOnlineError`, and ApiError where WeChat refuses.
 */
async function handOver(wechat: WeChat, openid: string, { kfAccount }: Transfer): Promise<string> {
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

interface Transferring {
  readonly head: Head;
  readonly entry: AnswerEntry;
  readonly run: Run;
  readonly wechat: WeChat;
  readonly facts: object;
  readonly log: Logger;
  parked(why: string): Promise<Outcome>;
  /** What follows from an error. */
  refused(error: unknown): Outcome | 'park';
}

/** A session with a human agent instead of a message; where there is none to be had, the user is told. */
export async function transferred(message: Transfer, transferring: Transferring): Promise<Outcome> {
  const { head, entry, run, wechat, facts, log, parked, refused } = transferring;
  try {
    const agent = await handOver(wechat, entry.openid, message);
    log.info({ ...facts, agent }, 'transfer.ok');
    return { kind: 'refit', count: 1, now: [], parked: [], facts: `handed over to ${agent}`, result: facts };
  } catch (error) {
    const nobody = error instanceof NobodyOnlineError;
    const what: Outcome | 'park' = nobody
      ? { kind: 'dead', handler: entry.handler, reason: error.message }
      : refused(error);
    if (what !== 'park') return what.kind === 'dead' ? { ...what, ...sorryForPart(head, entry, run, '') } : what;
    const { errcode, row } = error as ApiError;
    if (row.reaction === 'park') return parked(`refused with ${errcode}`);
    const reason = `refused with ${errcode}: ${row.meaning.en}`;
    return { kind: 'dead', handler: entry.handler, reason, ...sorryForPart(head, entry, run, '') };
  }
}
