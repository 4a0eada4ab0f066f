// What of an answer goes now, and what waits: decided when its turn to be sent has come, for by then it is known what has gone
// before it.
import type { Redis } from 'ioredis';
import { carry } from '../delivery/fallback.ts';
import { type Fitted, fitSend } from '../delivery/fit.ts';
import { markdownHtml, rendered } from '../delivery/markdown-html.ts';
import { withPictures } from '../delivery/with-pictures.ts';
import type { Texts } from '../handlers/texts.ts';
import { asEarlier, moreOf } from '../store/earlier.ts';
import { type AnswerEntry, encodeAnswerEntry, keyOfId, partId, partOfId, readAnswerEntry } from '../store/entries.ts';
import { userOfKey } from '../store/keys.ts';
import { type Entry, firstEntries, type Head, lastParked, type Refit, type Run } from '../store/lanes.ts';
import type { Pages } from '../store/pages.ts';
import { MAX_TEXT_BYTES } from '../wechat/checks.ts';
import type { Message } from '../wechat/message.ts';

/** A window that nobody knows is taken for a full one: where it is not, WeChat says so, and nothing is lost. */
const UNKNOWN = 5;
/** Parts of one answer that are looked at together, where nobody knows how many there are. */
const MANY = 100;

interface Options {
  readonly redis: Redis;
  readonly texts: Texts;
  /** Where PUBLIC_URL is set. */
  readonly pages: Pages | undefined;
}

/** What a head that cannot go as it is becomes, and what no way carries any more. */
export interface FittedHead extends Refit {
  readonly refused: readonly Message[];
}

/** What replaces the head and the rest of its answer so that the window takes it; `undefined` where it goes as it is. */
export async function fitHead(
  head: Head,
  entry: AnswerEntry,
  run: Run,
  options: Options,
): Promise<FittedHead | undefined> {
  if (entry.fitted) return undefined;
  // What a generator goes on to say comes when it comes.
  const group = entry.of > 0 || entry.earlier ? await answerFrom(head, entry, run, options.redis) : [head];
  if (group.length === 1 && !entry.pictures && goesAsItIs(entry.message)) return undefined;
  const entries = await Promise.all(group.map(({ json }) => forPage(readAnswerEntry(json), options.pages)));
  const known = head.quota?.left;
  const user = userOfKey(head.id);
  const offered = options.pages?.offer(user);
  const pictured = fitPictures(entries, sendsOf(known));
  // It goes as it is, with links to its pictures.
  if (!pictured && group.length === 1 && goesAsItIs(entry.message)) return undefined;
  const fitted =
    pictured ?? fitSend(entries, sendsOf(known), { more: moreOf(entry, options.texts), page: offered?.url });
  const { now, parked, refused, page } = fitted;
  // Kept before anybody can follow the link.
  if (page && offered) {
    const sections = [...(await rendered(entry.before ?? [])), ...page];
    await options.pages?.keep(user, offered.id, { sections, ai: entry.ai ?? false });
  }
  const name = partNames(head.id);
  const {
    gate: _,
    message: __,
    html: ___,
    markdown: ____,
    media: _____,
    thumb: ______,
    before: _______,
    link: ________,
    pictures: _________,
    ...whose
  } = entry;
  // A message that goes as it is has kept its identity.
  const uploadsOf = (message: Message) => {
    const all: readonly Partial<AnswerEntry>[] = pictured?.pieces ?? entries;
    const { media, thumb, link } = all.find((one) => one.message === message) ?? {};
    return { ...(media ? { media } : {}), ...(thumb ? { thumb } : {}), ...(link === undefined ? {} : { link }) };
  };
  const parts = [
    ...now.map((message) => {
      const of = now.length + parked.length;
      return { ...whose, of, fitted: true as const, ...uploadsOf(message), message };
    }),
    ...parked.map(({ message, html }) => {
      const page = html === undefined ? {} : { html };
      return { ...whose, of: parked.length, later: true as const, ...page, ...uploadsOf(message), message };
    }),
  ].map((part, index) => ({ id: name(index), json: encodeAnswerEntry(part) }));
  return {
    count: group.length,
    // What is parked waits for its turn, so that nothing that is refused before it comes after it.
    now: parts,
    parked: [],
    refused,
    facts: `fitted: ${now.length} message(s) now, ${parked.length} later${page ? ', all on a page' : ''}, the window allows ${known ?? 'an unknown number'}`,
  };
}

/** An answer with its pictures as messages between its texts, where it has any and all of it goes so. */
function fitPictures(entries: readonly AnswerEntry[], sends: number) {
  const pieces = withPictures(entries);
  if (pieces === entries) return undefined;
  const fitted: Fitted = fitSend(pieces, sends);
  return fitted.parked.length === 0 ? { ...fitted, pieces } : undefined;
}

/** A receiver that takes it for a reply has no time to make HTML. */
async function forPage({ markdown, ...entry }: AnswerEntry, pages: Pages | undefined): Promise<AnswerEntry> {
  if (markdown === undefined || entry.html !== undefined || !pages) return entry;
  return { ...entry, html: await markdownHtml(markdown) };
}

/** One is kept back where there are more, for what may have to be said next. */
const sendsOf = (known = UNKNOWN) => (known > 1 ? known - 1 : known);

const goesAsItIs = (message: Message) =>
  message.type === 'text'
    ? Buffer.byteLength(message.content) <= MAX_TEXT_BYTES
    : ['itself', 'session'].includes(carry(message, 'send').as);

/** The head and what waits right behind it of the same answer, as far as it is there. */
async function answerFrom(head: Head, { of, earlier }: AnswerEntry, run: Run, redis: Redis): Promise<Entry[]> {
  // A generator's parts do not know how many they are, and they may have been parked one by one.
  const count = of === 0 || earlier ? Math.max(of, MANY) : of;
  if (count <= 1) return [head];
  const first = await firstEntries(redis, run, count);
  const end = first.findIndex(({ id }) => keyOfId(id) !== keyOfId(head.id));
  return first.length === 0 ? [head] : first.slice(0, end < 0 ? first.length : end);
}

/** Names that no other part of the push has: those of `2` are `2.0`, `2.1`; those of a rest `2.4` are `2.4`, `2.5`. */
function partNames(id: string): (index: number) => string {
  const part = partOfId(id) ?? '';
  const [, root = `${part}.`, from = '0'] = /^(.*\.)(\d+)$/.exec(part) ?? [];
  return (index) => partId(keyOfId(id), `${root}${Number(from) + index}`);
}

/** The head and the rest of its answer, to be kept until the user writes again; then it says that it is an earlier one. */
export async function parkHead(
  head: Head,
  entry: AnswerEntry,
  run: Run,
  { redis, texts, pages }: Options,
): Promise<Omit<Refit, 'facts'>> {
  const group = await answerFrom(head, entry, run, redis);
  const entries = await Promise.all(group.map(({ json }) => forPage(readAnswerEntry(json), pages)));
  const parked = asEarlier(entries, texts, await endsParked(redis, run, head)).map((one, index) => {
    const { gate: _, fitted: __, later: ___, ...rest } = one;
    return { id: group[index]?.id ?? head.id, json: encodeAnswerEntry({ ...rest, of: entries.length }) };
  });
  return { count: group.length, now: [], parked };
}

/** Whether an earlier part of the same answer is what was parked last. */
async function endsParked(redis: Redis, run: Run, head: Head): Promise<boolean> {
  const last = await lastParked(redis, run, userOfKey(head.id));
  return last !== undefined && keyOfId(last.id) === keyOfId(head.id);
}
