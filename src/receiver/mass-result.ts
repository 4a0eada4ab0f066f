import type { MassResult } from '../store/mass-results.ts';
import type { MassSendJobFinishEvent } from '../wechat/event-push.ts';
import { canonicalKey } from '../wechat/keys.ts';
import type { Push } from '../wechat/push.ts';

/** What an event says became of a send to many. */
export function massResultOf(push: Push): MassResult | undefined {
  if (push.MsgType !== 'event' || canonicalKey(`event:${push.Event}`) !== 'event:MASSSENDJOBFINISH') return undefined;
  const { MsgID, Status, TotalCount, FilterCount, SentCount, ErrorCount } = push as MassSendJobFinishEvent;
  return { MsgID, Status, TotalCount, FilterCount, SentCount, ErrorCount };
}
