// What a passive reply carries: the answer of its push, and before it what could not be said until now.
import type { Can } from '../delivery/fallback.ts';
import { fitReply } from '../delivery/fit.ts';
import type { Page } from '../delivery/page.ts';
import type { Piece } from '../delivery/parts.ts';
import { sayText, type Texts } from '../handlers/texts.ts';
import type { Claimed, HandedOver } from '../store/answers.ts';
import { asEarlier } from '../store/earlier.ts';
import { type AnswerEntry, encodeAnswerEntry, keyOfId, partId, readAnswerEntry } from '../store/entries.ts';
import type { PushKey } from '../store/keys.ts';
import type { Entry } from '../store/lanes.ts';
import type { Message } from '../wechat/message.ts';
import type { Push } from '../wechat/push.ts';
import { articleLimit, buildReply } from '../wechat/reply.ts';

interface Carried {
  readonly key: PushKey;
  readonly push: Push;
  readonly texts: Texts;
  /** Its own answer, and what waited before it. */
  readonly claimed: Claimed;
  /** A quick reply of the push itself, said last. */
  readonly quick: Message | undefined;
  readonly account: string;
  readonly handler: string;
  /** The address of a page that can be made. */
  readonly page: string | undefined;
  /** Where the receiver serves a file that waits to be uploaded, by its blob. */
  readonly files: ReadonlyMap<string, string>;
  readonly now: number;
}

/** The note that Chinese law asks for under what a model has made. (人工智能生成合成内容标识办法) */
const AI_NOTE = '内容由AI生成';

const uploadsOf = ({ media, thumb, link }: Partial<AnswerEntry> = {}) => ({
  ...(link === undefined ? {} : { link }),
  ...(media ? { media } : {}),
  ...(thumb ? { thumb } : {}),
});

/** The reply, and what is noted once it has left; `undefined` where there is nothing that a reply could say. */
export function carryOver(carried: Carried): (HandedOver & { readonly page: Page | undefined }) | undefined {
  const { key, push, texts, claimed, quick, account, handler, page, files, now } = carried;
  const waiting = answersOf(claimed.parts).flatMap((its) =>
    its.key === key ? its.parts : asEarlier(its.parts, texts),
  );
  const pieces: Piece[] = [...waiting, ...(quick ? [{ message: quick }] : [])];
  const ai = waiting.some((entry) => entry.ai);
  const entryOf = (message: Message) => waiting.find((entry) => entry.message === message);
  // What would have to be uploaded first is shown from where it is: a reply has no time for that, and perhaps no permission.
  const can = (message: Message): Can => {
    const { media, thumb, link } = entryOf(message) ?? {};
    const url = media && ('url' in media ? media.url : files.get(media.blob));
    // Music goes without its thumb.
    const isThere = message.type === 'music' || (!media && !thumb);
    return { articles: articleLimit(push), media: isThere, ...(url ? { url } : {}), ...(link ? { link } : {}) };
  };
  const fitted = fitReply(pieces, {
    more: sayText(texts.more, push),
    can,
    page,
    note: ai ? AI_NOTE : undefined,
  });
  if (!fitted.reply) return undefined;
  const whose: Omit<AnswerEntry, 'message'> = {
    account,
    handler: waiting.at(-1)?.handler ?? handler,
    openid: push.FromUserName,
    of: fitted.parked.length,
    earlier: true,
    ...(ai ? { ai } : {}),
    ...(typeof texts.more === 'function' ? { more: texts.more(push) } : {}),
  };
  return {
    claimed,
    page: fitted.page && { sections: fitted.page, ai },
    reply: buildReply(push, fitted.reply, now),
    facts: fitted.parked.length > 0 ? `replied, ${fitted.parked.length} part(s) parked` : 'replied with the answer',
    parked: fitted.parked.map(({ message, html }, n) => ({
      id: partId(key, `p${n}`),
      json: encodeAnswerEntry({
        ...whose,
        ...(html === undefined ? {} : { html }),
        ...uploadsOf(entryOf(message)),
        message,
      }),
    })),
  };
}

/** What of each push waits, in order. */
function answersOf(entries: readonly Entry[]): { readonly key: PushKey; readonly parts: AnswerEntry[] }[] {
  const answers: { key: PushKey; parts: AnswerEntry[] }[] = [];
  for (const { id, json } of entries) {
    const key = keyOfId(id);
    const last = answers.at(-1);
    if (last?.key === key) last.parts.push(readAnswerEntry(json));
    else answers.push({ key, parts: [readAnswerEntry(json)] });
  }
  return answers;
}
