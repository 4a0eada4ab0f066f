/** A language model's stream as messages: a paragraph when there is one, and never more of them than the window allows. */

import { createThoughtFilter } from './thoughts.ts';

export interface ParagraphOptions {
  /** At most so many; the last takes all the rest. Default 5, what WeChat allows after a message of the user. */
  readonly parts?: number;
  /** Gives what the model thought too: `<think>…</think>`, `reasoning_content`. Default false. */
  readonly showThinking?: boolean;
}

/** A piece of a stream, as the APIs that call themselves compatible with OpenAI's give it. */
export interface ChatChunk {
  readonly choices: readonly {
    readonly delta?: { readonly content?: string | null; readonly reasoning_content?: string | null };
  }[];
}

/** Bytes after which a paragraph is worth a message: the first soon, since somebody waits; later ones longer, for they are few. */
const WORTH = [120, 600, 1200, 1600];
/** Bytes after which the end of a sentence will do: the last that leaves a part of such a size. */
const LONG = 1600;
const LEAST = 800;
const MOST = 2048;
/** What ends a line or a sentence, or may close one. */
const ENDS = /[\n。！？…”’」』）》.!?"')\]]/;

/**
 * Turns the deltas of a model's stream into paragraphs, for a handler to `yield`: cut between paragraphs, or, in a long one, after a sentence; never
 * inside fenced code, a link or `code`. Nothing is lost: joined, they are the stream, but for its thoughts and space at its end.
 *
 * ```ts
 * async *run({ push, signal }) { yield* paragraphs(model.stream(push.Content, { signal })); }
 * ```
 */
export async function* paragraphs(
  deltas: AsyncIterable<string | ChatChunk> | Iterable<string | ChatChunk>,
  { parts = 5, showThinking = false }: ParagraphOptions = {},
): AsyncGenerator<string, void, void> {
  if (!Number.isSafeInteger(parts) || parts < 1) throw new TypeError(`parts is ${parts}: at least one is needed.`);
  const held: string[] = [];
  let reader = newReader();
  let given = 0;
  let awake = false;
  for await (const delta of answerOf(deltas, showThinking)) {
    if (given === parts - 1) {
      held.push(delta);
      continue;
    }
    reader.text += delta;
    // What has come is looked at only when there may be an end in it, or behind what came last.
    const wakes = reader.fence === undefined ? ENDS.test(delta) : delta.includes('\n');
    const looks = wakes || awake;
    awake = wakes;
    if (!looks) continue;
    for (let cut = cutIn(reader, given); cut > 0; cut = given < parts - 1 ? cutIn(reader, given) : 0) {
      yield reader.text.slice(0, cut);
      given++;
      reader = newReader(reader.text.slice(cut));
    }
  }
  const rest = reader.text + held.join('');
  if (rest.trim() !== '') yield rest;
}

async function* answerOf(
  deltas: AsyncIterable<string | ChatChunk> | Iterable<string | ChatChunk>,
  showThinking: boolean,
): AsyncGenerator<string, void, void> {
  const filter = createThoughtFilter();
  for await (const delta of deltas) {
    const all = typeof delta === 'string' ? delta : contentOf(delta, showThinking);
    const text = showThinking ? all : filter.push(all);
    if (text !== '') yield text;
  }
  const rest = filter.end();
  if (rest !== '') yield rest;
}

function contentOf({ choices }: ChatChunk, showThinking: boolean): string {
  const { content, reasoning_content: thought } = choices[0]?.delta ?? {};
  return `${showThinking ? (thought ?? '') : ''}${content ?? ''}`;
}

/** The text that was not given yet, and how far it was read. */
interface Reader {
  text: string;
  /** Where the first line begins that was not read to its end. */
  line: number;
  /** Bytes before that line. */
  bytes: number;
  /** The fence that is open. */
  fence: string | undefined;
  /** How far the line was searched for the ends of sentences. */
  searched: number;
  /** Whether something other than space was read. */
  worded: boolean;
}

const newReader = (text = ''): Reader => ({ text, line: 0, bytes: 0, fence: undefined, searched: 0, worded: false });

/** Where a message may end, in what has come so far; 0 where nowhere yet. Each line is read once. */
function cutIn(reader: Reader, given: number): number {
  const worth = WORTH[Math.min(given, WORTH.length - 1)] as number;
  for (let end = reader.text.indexOf('\n', reader.line); end >= 0; end = reader.text.indexOf('\n', reader.line)) {
    const line = reader.text.slice(reader.line, end);
    if (line.trim() === '' && reader.fence === undefined && reader.worded && reader.bytes >= worth) return end + 1;
    readLine(reader, line, end + 1);
  }
  return reader.fence === undefined ? sentenceEnd(reader) : 0;
}

function readLine(reader: Reader, line: string, next: number): void {
  const fence = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
  if (fence !== undefined) {
    if (reader.fence === undefined) reader.fence = fence;
    else if (fence.startsWith(reader.fence)) reader.fence = undefined;
  }
  if (line.trim() !== '') reader.worded = true;
  reader.bytes += Buffer.byteLength(line) + 1;
  reader.line = next;
  reader.searched = next;
}

/** A Chinese stop, or a Latin one with space behind it; what follows has to be there, for a quote may close. */
const SENTENCE =
  /[。！？…](?![。！？…”’」』）》])(?=[\s\S])|[”’」』）》](?<=[。！？…][”’」』）》])(?=[\s\S])|[.!?]["')]*(?=\s)/g;

function sentenceEnd(reader: Reader): number {
  const { text, line } = reader;
  // A fence may be coming.
  if (/^\s*(?:`{1,2}|~{1,2})?$/.test(text.slice(line, line + 20))) return 0;
  if (reader.bytes + bytesUpTo(text.slice(line), LONG) < LONG) return 0;
  SENTENCE.lastIndex = Math.max(line, reader.searched - 2);
  let last = 0;
  for (let found = SENTENCE.exec(text); found !== null; found = SENTENCE.exec(text)) {
    const end = found.index + found[0].length;
    const bytes = reader.bytes + bytesUpTo(text.slice(line, end), MOST + 1);
    if (last > 0 && bytes > MOST) break;
    if (bytes >= LEAST && isOutside(text.slice(line, end))) last = end;
  }
  if (last === 0) reader.searched = text.length;
  return last;
}

/** Not counted any further: a line may be long. */
const bytesUpTo = (text: string, most: number) => (text.length >= most ? most : Buffer.byteLength(text));

/** Characters: so far behind, nothing is still open; and so near everything is that can be. */
const [FAR, NEAR] = [4000, 1000];

/** Not inside a table, a link, a tag, code or emphasis of this line. */
function isOutside(line: string): boolean {
  if (/^\s*(?:\||```|~~~)/.test(line)) return false;
  const plain = (line.length > FAR ? line.slice(-NEAR) : line)
    .replace(/`[^`]*`/g, '')
    .replace(/<a\s[^<>]*>[^<]*<\/a>/gi, '')
    .replace(/!?\[[^[\]]*\]\([^()]*\)/g, '');
  if (plain.lastIndexOf('[') > plain.lastIndexOf(']')) return false;
  if (/`|<a\s[^<>]*(?:>[^<]*)?$|\]\([^()]*$|https?:\/\/\S*$/i.test(plain)) return false;
  return (plain.match(/\*\*/g)?.length ?? 0) % 2 === 0;
}
