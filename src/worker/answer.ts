import type { Redis } from 'ioredis';
import { markdownHtml } from '../delivery/markdown-html.ts';
import { partsOf, piecesOf } from '../delivery/parts.ts';
import type { AnyHandler } from '../handlers/definition.ts';
import { sayText, type Texts } from '../handlers/texts.ts';
import { type AnswerEntry, encodeAnswerEntry, keyOfId, type PushEntry, partId, partOfId } from '../store/entries.ts';
import { keepMedia } from '../store/keep-media.ts';
import type { Names } from '../store/keys.ts';
import type { Entry, Part, Run } from '../store/lanes.ts';
import { text } from '../wechat/message.ts';
import type { Dead } from './stage.ts';

/** What is sent for a push never overtakes its passive reply, which has left by then or never will. Milliseconds. */
const GATE = 5000;
/** Begins the name of a part that says so. */
const SORRY = 'sorry';

interface PrepareOptions {
  readonly redis: Redis;
  readonly names: Names;
  readonly texts: Texts;
  /** Long answers go on a page. */
  readonly pages: boolean;
}

/**
 * The answer of a push as it waits to be delivered: whole, for nobody knows yet which way will be open. Throws a TypeError for
 * what WeChat would refuse: better now, with the handler's name, than at every try to send it.
 */
export type PrepareAnswer = (
  answer: unknown,
  of: Entry,
  entry: PushEntry,
  handler: Pick<AnyHandler, 'ai' | 'markdown' | 'pictures' | 'showThinking' | 'sorry'>,
  yielded?: Yielded,
) => Promise<Part[]>;

/** What a generator says is one of several, nobody knows of how many. */
interface Yielded {
  /** Its place among them, from 0. */
  readonly number: number;
}

export function createPrepare({ redis, names, texts, pages }: PrepareOptions): PrepareAnswer {
  return async (
    answer,
    of,
    entry,
    { ai = false, markdown = false, pictures = true, showThinking = !markdown, sorry = texts.sorry },
    yielded,
  ) => {
    const more = typeof texts.more === 'function' ? { more: sayText(texts.more, entry.push) } : {};
    const pieces = piecesOf(answer, { markdown, pictures, showThinking });
    const transfers = pieces.some(({ message: { type } }) => type === 'transfer_customer_service');
    const told = transfers || typeof sorry === 'function' ? { sorry: sayText(sorry, entry.push) } : {};
    const common = { ...(ai ? { ai } : {}), ...more, ...told };
    const tag = names.tagOf(of.id);
    return Promise.all(
      pieces.map(async ({ message, markdown: source, pictures: shown }, index) => {
        const name = nameOf(index, pieces.length, yielded);
        const content = await keepMedia(message, redis, tag, partId(of.id, name));
        const page = source !== undefined && pages ? { html: await markdownHtml(source) } : {};
        const its = { ...page, ...(shown ? { pictures: shown } : {}), ...content };
        return waiting(name, of, entry, { of: yielded ? 0 : pieces.length, ...common, ...its });
      }),
    );
  };
}

const nameOf = (index: number, count: number, yielded: Yielded | undefined) =>
  yielded ? `${yielded.number}${count > 1 ? `_${index}` : ''}` : `${index}`;

/** What a user is told of a push that was given up on: it may still be retried, and then has an answer of its own. */
export function sorryParts(text: string, of: Entry, entry: PushEntry): Part[] {
  return partsOf(text).map((message, index, all) =>
    waiting(`${SORRY}${index}`, of, entry, { of: all.length, message }),
  );
}

/**
 * What a user is told of a part of an answer that is given up on. `otherwise`: where none was made for its push, '' for
 * nothing. Of what is itself such a word nothing is said.
 */
export function sorryForPart(
  head: Entry,
  entry: AnswerEntry,
  run: Run,
  otherwise: string,
): Pick<Dead, 'lane' | 'parts'> {
  const { sorry = otherwise, account, handler, openid } = entry;
  if (!sorry || partOfId(head.id)?.startsWith(SORRY)) return {};
  const json = encodeAnswerEntry({ account, handler, openid, of: 1, message: text(sorry) });
  return { lane: run.lane, parts: [{ id: partId(keyOfId(head.id), `${SORRY}0`), json }] };
}

function waiting(
  name: string,
  of: Entry,
  { account, handler, gated, push }: PushEntry,
  part: Omit<AnswerEntry, 'gate' | 'account' | 'handler' | 'openid'>,
): Part {
  const gate = gated ? { gate: of.arrivedAt + GATE } : {};
  const json = encodeAnswerEntry({ ...gate, account, handler, openid: push.FromUserName, ...part });
  return { id: partId(of.id, name), json, ...(part.media || part.thumb || part.pictures ? { uploads: true } : {}) };
}
