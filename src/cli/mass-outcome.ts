// What became of a send to many: its state is asked for; its counts are pushed to the receiver, which keeps them in Redis.
import { setTimeout as sleep } from 'node:timers/promises';
import type { WeChat } from '../api/client.ts';
import { ApiError, NetworkError } from '../api/errors.ts';
import type { MassResult, MassResults } from '../store/mass-results.ts';
import { printError } from './print.ts';
import type { Shared } from './with-wechat.ts';

export interface MassOutcome {
  readonly msg_status: string;
  readonly result?: MassResult;
}

type FindResult = MassResults['find'];

/** How long the state of a send is not asked for, at first and at most; milliseconds. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 15_000;
/** The push with the counts may come a little after the state; or never, where no receiver runs. */
const COUNTS_WITHIN = 5000;

/** Finds the counts of a send; nothing without the Redis of the receiver. */
export async function openResults({ redis, accountTag }: Shared): Promise<FindResult | undefined> {
  if (!redis) return undefined;
  const { openMassResults } = await import('../store/mass-results.ts');
  const results = openMassResults(redis, accountTag);
  return (msgId) => results.find(msgId).catch(() => undefined);
}

/** The last state of a send, SENDING where it has not ended in time; and its counts, where they are known. */
export async function outcomeOf(
  wechat: WeChat,
  msgId: string,
  seconds: number,
  find: FindResult | undefined,
): Promise<MassOutcome> {
  let until = Date.now() + seconds * 1000;
  let state: State = { msg_status: 'SENDING', final: false };
  let askAt = 0;
  for (let pause = FIRST_PAUSE; ; ) {
    const result = await find?.(msgId);
    if (result) return { msg_status: result.Status === 'send success' ? 'SEND_SUCCESS' : 'SEND_FAIL', result };
    if (!state.final && Date.now() >= askAt) {
      state = await wechat.mass.status(msgId).then(told, untold);
      const counted = find && ['SEND_SUCCESS', 'SEND_FAIL'].includes(state.msg_status);
      if (state.final) until = Math.min(until, counted ? Date.now() + COUNTS_WITHIN : 0);
      askAt = Date.now() + pause;
      pause = Math.min(pause * 2, LONGEST_PAUSE);
    }
    const now = Date.now();
    if (now >= until) break;
    await sleep(Math.min(find ? FIRST_PAUSE : askAt - now, until - now));
  }
  if (!state.final)
    printError(`It has not ended within ${seconds} s: "wxrelay mass status ${msgId}" tells how it stands.`);
  return { msg_status: state.msg_status };
}

interface State {
  readonly msg_status: string;
  readonly final: boolean;
}

const told = ({ msg_status }: { readonly msg_status: string }): State => ({
  msg_status,
  final: msg_status !== 'SENDING',
});

/** It was sent all the same; where asking again may help, it does no harm. */
function untold(error: unknown): State {
  if (error instanceof NetworkError) return { msg_status: 'SENDING', final: false };
  if (!(error instanceof ApiError)) throw error;
  printError(error.message);
  return { msg_status: 'SENDING', final: !['retry', 'slow'].includes(error.row.reaction) };
}

/** What is printed of an outcome. */
export function describeOutcome({ msg_status, result }: MassOutcome): string {
  if (!result) return msg_status;
  const { Status, TotalCount, FilterCount, SentCount, ErrorCount } = result;
  const filtered = Number(TotalCount) - Number(FilterCount);
  return `${msg_status} (${Status}): of ${TotalCount}, ${SentCount} sent, ${filtered} filtered out, ${ErrorCount} failed`;
}
