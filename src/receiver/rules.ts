import type { AnyHandler } from '../handlers/definition.ts';
import { sayText, type Texts } from '../handlers/texts.ts';
import { readRate } from '../limit.ts';
import type { Rules } from '../store/ingest.ts';
import type { Push } from '../wechat/push.ts';
import { fixedReply } from './quick.ts';

/** What a handler's `whenBusy` and `limit` ask of a push; `undefined` for one that always joins its lane. */
export function rulesOf(handler: AnyHandler, texts: Texts, push: Push, now: number): Rules | undefined {
  const { name, whenBusy, limit } = handler;
  const busy = whenBusy === 'reject' || whenBusy === 'latest' ? whenBusy : undefined;
  const bound = limit === undefined ? undefined : readRate(limit);
  if (!busy && !bound) return undefined;
  const rejects = busy === 'reject' || bound !== undefined;
  return {
    handler: name,
    ...(busy ? { busy } : {}),
    ...(bound ? { limit: bound } : {}),
    ...(rejects ? { rejected: fixedReply(() => sayText(texts.rejected, push), push, now).xml } : {}),
  };
}
