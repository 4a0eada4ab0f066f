/** How much of an answer goes now, and what becomes of the rest: merged, on a page, or kept. Nothing is truncated. */
import { MAX_TEXT_BYTES } from '../wechat/checks.ts';
import { type Message, type ReplyMessage, text } from '../wechat/message.ts';
import { type Can, carry, type Way } from './fallback.ts';
import type { PageSection } from './page.ts';
import type { Piece } from './parts.ts';
import { splitNumbered, takePart } from './split.ts';
import { withPictures } from './with-pictures.ts';

export interface FitOptions {
  /** The address of a page that can be made for this answer; without one the rest is parked. */
  readonly page?: string | undefined;
  /** Said at the end where something is parked, such as 回复「继续」看下一条. At most 600 bytes. */
  readonly more?: string | undefined;
  /** What is possible for this message: see `carry`. */
  readonly can?: ((message: Message) => Can) | undefined;
}

export interface Fitted {
  /**
   * What goes now, in order; no text is longer than WeChat takes. A `transfer_customer_service` among what is sent costs no send: it stands
   * for creating a session with a human agent.
   */
  readonly now: readonly Message[];
  /** What the page holds, if `now` ends with a link to it: all texts of the answer, from the beginning. */
  readonly page?: readonly PageSection[];
  /** What waits until the user next writes, in order: `fitSend` or `fitReply` takes it again. */
  readonly parked: readonly Piece[];
  /** What no way can carry any more: for the trace and an alert. */
  readonly refused: readonly Message[];
}

/** Share of a part that is filled, where parts are few: the words still stay whole. */
const TIGHT = 0.95;
/** Bytes of the answer's beginning that stand over the link to its page. */
const LEAD = 600;
const LINK = '阅读全文';

/**
 * What is sent of an answer as customer-service messages.
 * @param sends how many the window still allows
 */
export function fitSend(pieces: readonly Piece[], sends: number, options: FitOptions = {}): Fitted {
  const { items, refused } = prepare(pieces, 'send', options.can);
  for (const way of atLeast(items) > sends ? [] : [natural, merged, tight]) {
    const now = way(items);
    if (costs(now) <= sends) return { now, parked: [], refused };
  }
  const { page } = options;
  if (page !== undefined && sends > 0 && !fitsInOne(together(items.filter(isText))))
    return { ...onPage(items, sends, page, options.more), refused };
  const { now, parked } = firstOf(items, sends, options.more);
  return { now: parked.length > 0 ? saying(now, options.more) : now, parked, refused };
}

export interface FitReplyOptions extends FitOptions {
  /** Said at the end of every text, such as 内容由AI生成. At most 100 bytes. */
  readonly note?: string | undefined;
}

export interface FittedReply extends Omit<Fitted, 'now'> {
  /** Undefined where there was nothing to say. */
  readonly reply: ReplyMessage | undefined;
}

/**
 * What of the parked and new answers, oldest first, goes into one passive reply: everything, if it is text and fits; else its
 * beginning with a link to its page; else its beginning with `more`. A reply that is no text cannot say `more`.
 */
export function fitReply(pieces: readonly Piece[], options: FitReplyOptions = {}): FittedReply {
  const { items, refused } = prepare(pieces, 'reply', options.can);
  const fitted = replyOf(items, options);
  return { ...fitted, refused };
}

function replyOf(
  items: readonly Item[],
  { page, more = '', note = '' }: FitReplyOptions,
): Omit<FittedReply, 'refused'> {
  const [first, ...rest] = items;
  if (first === undefined) return { reply: undefined, parked: [] };
  if (!isText(first)) return { reply: first.message as ReplyMessage, parked: park(rest) };
  const texts = items.filter(isText);
  const others = items.filter((item) => !isText(item));
  const whole = lines(together(texts), note);
  if (others.length === 0 && fitsInOne(whole)) return { reply: text(whole), parked: [] };
  if (page !== undefined && !fitsInOne(whole)) {
    const reply = text(linked(texts, page, others.length > 0 ? more : '', note));
    return { reply, page: sectionsOf(texts), parked: park(others) };
  }
  const run = runsOf(items)[0] as Run;
  const now: Message[] = [];
  const left = putTexts(now, run, 1, true, lines(more, note));
  return { reply: now[0] as ReplyMessage, parked: [...left, ...park(items.slice(run.length))] };
}

/** How many sends pieces take by themselves, each cut where it reads best, with their pictures. */
export const sendsFor = (pieces: readonly Piece[]): number =>
  costs(natural(prepare(withPictures(pieces), 'send', undefined).items));

/** A message in the form that the way can carry, and what it was made from. */
interface Item {
  readonly message: Message;
  readonly origin: Piece;
  /** Not the first that was made of its origin. */
  readonly further: boolean;
}

function prepare(pieces: readonly Piece[], way: Way, can: FitOptions['can']): { items: Item[]; refused: Message[] } {
  const items: Item[] = [];
  const refused: Message[] = [];
  for (const origin of pieces) {
    const { as, messages } = carry(origin.message, way, can?.(origin.message));
    if (as === 'refusal') refused.push(origin.message);
    // It stays a message here, so that it keeps its place among the others.
    const carried = as === 'session' ? [origin.message] : messages;
    items.push(...carried.map((message, index) => ({ message, origin, further: index > 0 })));
  }
  return { items, refused };
}

/** An origin is parked as it was, if nothing of it has gone: another way may be open by then. */
const park = (items: readonly Item[]): Piece[] =>
  items.flatMap(({ message, origin, further }, index) => {
    if (!further) return [origin];
    return items[index - 1]?.origin === origin ? [] : [{ message }];
  });

const isText = ({ message }: { readonly message: Message }) => message.type === 'text';
const contentOf = ({ message }: Item) => (message as { content: string }).content;
const lines = (...texts: readonly string[]) => texts.filter((one) => one !== '').join('\n\n');
const together = (items: readonly Item[]) => lines(...items.map(contentOf));
const fitsInOne = (content: string) => Buffer.byteLength(content) <= MAX_TEXT_BYTES;
/** How many sends messages take. */
const costs = (messages: readonly Message[]) => messages.filter((message) => !isSession(message)).length;
const isSession = ({ type }: Message) => type === 'transfer_customer_service';

/** Each text by itself, cut where it reads best. */
const natural = (items: readonly Item[]): Message[] =>
  items.flatMap((item) => (isText(item) ? splitNumbered(contentOf(item)).map(text) : [item.message]));

/** Texts that follow each other share parts. */
const merged = (items: readonly Item[]): Message[] =>
  runsOf(items).flatMap((run) =>
    isText(run[0]) ? splitNumbered(together(run)).map(text) : run.map(({ message }) => message),
  );

/** The fewest parts. */
const tight = (items: readonly Item[]): Message[] =>
  runsOf(items).flatMap((run) =>
    isText(run[0]) ? splitNumbered(together(run), { fill: TIGHT }).map(text) : run.map(({ message }) => message),
  );

/** No way of cutting makes fewer parts: so a text that is far too long is not cut in vain. */
const atLeast = (items: readonly Item[]): number =>
  costs(items.filter((item) => !isText(item)).map(({ message }) => message)) +
  Math.ceil(Buffer.byteLength(together(items.filter(isText)).replace(/\s+/g, '')) / MAX_TEXT_BYTES);

type Run = [Item, ...Item[]];

/** Neighbours that are all texts, or all something else. */
function runsOf(items: readonly Item[]): Run[] {
  const runs: Run[] = [];
  for (const item of items) {
    const last = runs.at(-1);
    if (last !== undefined && isText(last[0]) === isText(item)) last.push(item);
    else runs.push([item]);
  }
  return runs;
}

/** The texts on the page, and a link to it as the last part; before it whatever else the answer has, as far as it goes. */
function onPage(items: readonly Item[], sends: number, page: string, more = ''): Omit<Fitted, 'refused'> {
  const texts = items.filter(isText);
  const others = items.filter((item) => !isText(item));
  const going = leading(others, sends - 1);
  const parked = park(others.slice(going));
  const end = text(linked(texts, page, parked.length > 0 ? more : ''));
  return { now: [...others.slice(0, going).map(({ message }) => message), end], page: sectionsOf(texts), parked };
}

/** The beginning of the texts, and where to read them all. */
function linked(texts: readonly Item[], page: string, ...ends: readonly string[]): string {
  const { part } = takePart(together(texts), { limit: LEAD });
  return lines(`${part} …`, `<a href="${page}">${LINK}</a>`, ...ends);
}

/** How many of them go with so many sends. */
function leading(items: readonly Item[], sends: number): number {
  const over = items.findIndex((_, index) => costs(items.slice(0, index + 1).map(({ message }) => message)) > sends);
  return over < 0 ? items.length : over;
}

/** What a page holds of pieces. */
export const pageOf = (pieces: readonly Piece[]): PageSection[] =>
  sectionsOf(prepare(pieces, 'send', undefined).items.filter(isText));

/** An origin's own HTML, once. */
function sectionsOf(texts: readonly Item[]): PageSection[] {
  return texts.map((item) => {
    const { html, message } = item.origin;
    return html !== undefined && message.type === 'text' ? { html } : { text: contentOf(item) };
  });
}

/** As much as goes in order, the last text ending with `more`; the rest is parked. */
function firstOf(items: readonly Item[], sends: number, more: string | undefined): Omit<Fitted, 'refused' | 'page'> {
  const now: Message[] = [];
  const left = () => sends - costs(now);
  const runs = runsOf(items);
  for (const [index, run] of runs.entries()) {
    const later = runs.slice(index + 1).flat();
    if (!isText(run[0])) {
      const going = leading(run, left());
      now.push(...run.slice(0, going).map(({ message }) => message));
      if (going < run.length) return { now, parked: park([...run.slice(going), ...later]) };
      continue;
    }
    if (left() === 0) return { now, parked: park([...run, ...later]) };
    const rest = putTexts(
      now,
      run,
      left(),
      later.some((item) => !isSession(item.message)),
      more,
    );
    if (rest.length > 0) return { now, parked: [...rest, ...park(later)] };
  }
  return { now, parked: [] };
}

/** The messages, of which the last text says `more`, if it has room. */
function saying(now: readonly Message[], more = ''): readonly Message[] {
  const at = now.findLastIndex(({ type }) => type === 'text');
  const last = now[at];
  if (more === '' || last?.type !== 'text' || last.content.endsWith(more)) return now;
  const content = lines(last.content, more);
  return fitsInOne(content) ? now.with(at, text(content)) : now;
}

/** Puts so many parts of the texts to the others, and returns what is left of the texts. */
function putTexts(now: Message[], run: readonly Item[], sends: number, later: boolean, more = ''): Piece[] {
  const end = more === '' ? '' : `\n\n${more}`;
  let content = together(run);
  for (let left = sends; left > 1; left--) {
    const { part, rest } = takePart(content, { fill: TIGHT });
    now.push(text(part));
    if (rest === '') return [];
    content = rest;
  }
  // The last: with nothing behind it, it is all; else it says that there is more.
  if (!later && fitsInOne(content)) {
    now.push(text(content));
    return [];
  }
  const { part, rest } = takePart(content, { limit: MAX_TEXT_BYTES - Buffer.byteLength(end), fill: TIGHT });
  now.push(text(part + end));
  return rest === '' ? [] : [{ message: text(rest) }];
}
